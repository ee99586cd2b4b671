// @ts-check
// What stands below the pictures of reports and is heard instead of them: tables of their figures, ranges and days in words.

import { el } from "./dom.js";
import { fill, words } from "./words.js";

const own = words.reports;
const DAY_MS = 86_400_000;

/** @typedef {{first: string, last: string}} Range a report's first and last day */

/** @param {Range} range @returns {string[]} each of its days, those without a call, too */
export function eachDay({ first, last }) {
  const days = [];
  for (let at = Date.parse(first); at <= Date.parse(last); at += DAY_MS) days.push(new Date(at).toISOString().slice(0, 10));
  return days;
}

/** @param {Range} range */
export function rangeName({ first, last }) {
  return first === last ? first : `${first} — ${last}`;
}

/** @param {number | null} n */
export function orNone(n) {
  return n ?? "—";
}

/** What a reader hears instead of a picture. @param {string} title @param {{name: string, n: number}[]} of */
export function heard(title, of) {
  const top = of.reduce((most, one) => (one.n > most.n ? one : most), { name: "", n: 0 });
  return fill(own.heard, { title, n: of.reduce((sum, one) => sum + one.n, 0), at: top.name, most: top.n });
}

/**
 * @param {string[]} headings
 * @param {(Node | string)[][]} rows the first cell of each is its name
 */
export function figureTable(headings, rows) {
  return el(
    "div",
    { class: "scroll", tabindex: 0, role: "group", "aria-label": words.picture.figures },
    el(
      "table",
      {},
      el("thead", {}, el("tr", {}, headings.map((name) => el("th", { scope: "col" }, name)))),
      el("tbody", {}, rows.map((row) => el("tr", {}, row.map((cell, place) => el(place ? "td" : "th", place ? { class: "number" } : { scope: "row" }, cell))))),
    ),
  );
}
