// @ts-check
// Who is who: accounts are shown by the person's name, with the account as a hint. Read once for the whole page.

import { ask } from "./ask.js";
import { el } from "./dom.js";

/** @type {Map<string, string>} nobody known: accounts are shown as they are */
const names = new Map();
try {
  for (const one of (await ask("/api/v1/people")).people) names.set(one.name, one.shown);
} catch {
  // The page does its work without names.
}

/** @param {string} account @returns {string} what the person is called; what is nobody's account stays as it is */
export function nameOf(account) {
  return names.get(account) ?? account;
}

/** @param {string} account @returns {HTMLElement} the person's name, with the account as a hint */
export function person(account) {
  return el("span", { class: "person", title: names.has(account) ? account : null }, nameOf(account));
}
