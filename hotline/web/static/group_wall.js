// @ts-check
// The centres of a group on a big screen: together in large figures, each in a row, dangers on top with sound; nothing to click.
// What any big screen does stands in screen.js.

import { at, el } from "./dom.js";
import { ageAll, centresAfter, centresTable, dangersOf, drawIn, isDanger, isLoud } from "./group_view.js";
import { percent } from "./report_parts.js";
import { runScreen } from "./screen.js";
import { between, span } from "./times.js";
import { fill, words } from "./words.js";

const own = words.group;
const DANGERS_SHOWN = 4;
/** How many rows fit in letters of a size, a danger taking the room of two. @type {[number, string][]} */
const SIZES = [[7, "few"], [11, "some"], [18, "many"], [26, "crowd"], [Infinity, "most"]];

/** @type {import("./group_view.js").Known} */
let known = { centres: [], sum: null };

runScreen(
  (message) => {
    const told = centresAfter(known, message);
    if (!told) return;
    known = told;
    const count = known.centres.length;
    const rows = count + 2 * Math.min(dangersOf(known).length, DANGERS_SHOWN + 1);
    at("centres").dataset.size = SIZES.find(([most]) => rows <= most)?.[1];
    drawIn("dangers", dangersOf(known).map(({ centre, danger }) => [centre.name, danger]), alarms);
    drawIn("together", [known.sum, count], () => (count ? tiles(known.sum) : []));
    drawIn("centres", known, () => [count ? centresTable(known, (one) => one.name) : el("p", { class: "empty" }, own.none)]);
    at("wall").dataset.state = "shown";
  },
  () => isDanger(known),
  ageAll,
);

/** @returns {HTMLElement[]} those that nobody answered first; a screen has room for so many */
function alarms() {
  const every = dangersOf(known).sort((one, other) => Number(isLoud(other.danger)) - Number(isLoud(one.danger)));
  const shown = every.slice(0, DANGERS_SHOWN).map(({ centre, danger }) =>
    el(
      "p",
      { class: "alarm", "data-is": isLoud(danger) ? danger.state : "answered" },
      el("strong", {}, words.alert[danger.state]),
      el("b", {}, centre.name),
      el("span", {}, danger.home),
      danger.since && el("span", { "data-since": danger.since }, span(between(danger.since))),
    ),
  );
  if (every.length > shown.length) shown.push(el("p", { class: "alarm", "data-is": "calling" }, fill(own.more_dangers, { n: every.length - shown.length })));
  return shown;
}

/** @param {any} sum @returns {HTMLElement[]} */
function tiles(sum) {
  const longest = sum.longest_since ? el("span", { "data-since": sum.longest_since }, span(between(sum.longest_since))) : sum.waiting === null ? null : "—";
  return [
    tile(own.heard_of, `${sum.heard} / ${sum.centres}`, sum.heard < sum.centres ? "bad" : ""),
    tile(own.columns.waiting, sum.waiting, sum.waiting ? "warn" : ""),
    tile(own.columns.longest, longest, sum.waiting ? "warn" : ""),
    tile(own.columns.talking, sum.talking),
    tile(own.columns.agents_ready, sum.agents_ready, sum.agents_ready === 0 ? "bad" : ""),
    tile(own.columns.offered, sum.offered),
    tile(own.columns.three_rings, sum.three_rings_share === null ? null : percent(sum.three_rings_share)),
    tile(own.columns.to_call_back, sum.to_call_back, sum.to_call_back ? "warn" : ""),
    tile(own.columns.overdue, sum.overdue, sum.overdue ? "bad" : ""),
  ];
}

/** @param {string} name @param {Node | string | number | null} value @param {string} [is] */
function tile(name, value, is = "") {
  const told = value === null ? el("span", { class: "no-data" }, words.no_data) : typeof value === "number" ? String(value) : value;
  return el("div", { class: "tile", "data-is": is }, el("h2", {}, name), el("p", { class: "figure-value" }, told));
}
