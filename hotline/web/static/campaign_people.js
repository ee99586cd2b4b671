// @ts-check
// Who is who on the page of campaigns: people by their names, and who may approve what another made.

import { at } from "./dom.js";
import { fill, words } from "./words.js";

const own = words.campaigns;
const box = at("one");
/** @type {{name: string, shown: string, approves: boolean}[]} */
const people = JSON.parse(box.dataset.people ?? "[]");

/** Whether a second person approves before anything starts. */
export const needsApproval = box.dataset.needsApproval === "yes";

/** The account that is signed in here. */
export const me = box.dataset.me ?? "";

/** @param {string} account @returns {string} the person's name; what nobody's account is, in words */
export function shown(account) {
  return people.find((one) => one.name === account)?.shown ?? own.by_itself[account] ?? account;
}

/** @param {string} maker @returns {string} a line that says who may approve what this account made */
export function whoApproves(maker) {
  const others = people.filter((one) => one.approves && one.name !== maker).map((one) => one.shown);
  return others.length ? fill(own.approves, { who: others.join("、") }) : own.approves_nobody;
}
