// @ts-check
// The centres of a group as rows: on the desk's page and on a big screen. A centre that is not heard has no figure: not the
// last one, and not nought.

import { at, el } from "./dom.js";
import { percent } from "./report_parts.js";
import { between, dayAndClock, exact, span } from "./times.js";
import { fill, words } from "./words.js";

const own = words.group;
const LOUD = ["calling", "unanswered", "danger"];
const COLUMNS = ["in_menu", "waiting", "longest", "talking", "agents_ready", "offered", "three_rings", "human_p90", "to_call_back", "overdue", "heard_at"];

/** @typedef {{centres: any[], sum: any}} Known */

/** What is known after a message; null: it says nothing of centres. @param {Known} known @param {any} message @returns {Known | null} */
export function centresAfter(known, message) {
  if (message.type === "centres-snapshot") return { centres: message.centres, sum: message.sum };
  if (message.type !== "centres") return null;
  const told = new Map([...known.centres, ...message.centres].map((one) => [one.id, one]));
  return { centres: message.ids.map((/** @type {string} */ id) => told.get(id)).filter(Boolean), sum: message.sum };
}

/** Whether somebody in danger has been answered by no person yet. @param {Known} known */
export function isDanger(known) {
  return known.centres.some((one) => one.emergencies.some((/** @type {any} */ danger) => isLoud(danger)));
}

/** @param {any} danger */
export function isLoud(danger) {
  return LOUD.includes(danger.state);
}

/** Every danger that is not over, with its centre. @param {Known} known @returns {{centre: any, danger: any}[]} */
export function dangersOf(known) {
  return known.centres.flatMap((centre) =>
    centre.emergencies.filter((/** @type {any} */ one) => one.state !== "over").map((/** @type {any} */ danger) => ({ centre, danger })),
  );
}

/** Draw a part anew only where it is another one: what is drawn again is read out again. @param {string} id @param {any} told @param {() => Node[]} make */
export function drawIn(id, told, make) {
  const box = /** @type {any} */ (at(id));
  const text = JSON.stringify(told);
  if (box.told === text) return;
  box.told = text;
  box.replaceChildren(...make());
}

/** @param {Known} known @param {(one: any) => Node | string} nameOf how a centre's name is written */
export function centresTable({ centres, sum }, nameOf) {
  return el(
    "table",
    {},
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, own.centre), COLUMNS.map((name) => el("th", { scope: "col" }, own.columns[name])))),
    el("tbody", {}, centres.map((one) => row(one, nameOf))),
    el("tfoot", {}, el("tr", {}, el("th", { scope: "row" }, own.all, " ", el("small", { class: "soft" }, fill(own.of, sum))), cells(sum), el("td", {}, "—"), owing(sum), el("td", {}, ""))),
  );
}

/** @param {any} one @param {(one: any) => Node | string} nameOf */
function row(one, nameOf) {
  const name = el("th", { scope: "row" }, nameOf(one), " ", el("small", { class: "soft" }, one.id));
  if (!one.is_heard) {
    const since = one.heard_at ? fill(own.no_data_since, { at: dayAndClock(one.heard_at) }) : own.never;
    return el("tr", { "data-centre": one.id, "data-is": "lost" }, name, el("td", { colspan: COLUMNS.length, class: "lost" }, el("strong", {}, since), " ", el("span", {}, own.why[one.why] ?? one.why)));
  }
  if (one.is_current === false) name.append(" ", el("span", { class: "tag no-switch" }, own.no_switch));
  if (one.same_as.length) name.append(" ", el("span", { class: "tag no-switch", title: own.same_as_means }, fill(own.same_as, { ids: one.same_as.join(", ") })));
  return el(
    "tr",
    { "data-centre": one.id, "data-is": "heard" },
    name,
    cells(one),
    el("td", { class: one.human_p90 === null ? "number no-data" : "number" }, one.human_p90 === null ? words.no_data : exact(one.human_p90)),
    owing(one),
    el("td", { class: "number soft" }, el("span", { "data-age": one.heard_at }, age(one.heard_at))),
  );
}

/** @param {any} one */
function cells(one) {
  const longest = one.longest_since ? el("span", { "data-since": one.longest_since }, span(between(one.longest_since))) : one.waiting === null ? words.no_data : "—";
  return [
    number(one.in_menu, "in_menu"),
    number(one.waiting, "waiting", one.waiting ? "warn" : ""),
    el("td", { class: "number", "data-column": "longest", "data-is": one.waiting ? "warn" : "" }, longest),
    number(one.talking, "talking"),
    number(one.agents_ready, "agents_ready", one.agents_ready === 0 ? "bad" : ""),
    number(one.offered, "offered"),
    el("td", { class: one.three_rings_share === null ? "number no-data" : "number", "data-column": "three_rings" }, percent(one.three_rings_share)),
  ];
}

/** @param {any} one */
function owing(one) {
  return [number(one.to_call_back, "to_call_back", one.to_call_back ? "warn" : ""), number(one.overdue, "overdue", one.overdue ? "bad" : "")];
}

/** @param {number | null} n @param {string} column @param {string} [is] */
function number(n, column, is = "") {
  return el("td", { class: n === null ? "number no-data" : "number", "data-column": column, "data-is": is }, n === null ? words.no_data : String(n));
}

/** @param {string} iso */
function age(iso) {
  return fill(own.ago, { n: Math.max(0, Math.floor(between(iso))) });
}

/** Let the ages of last words grow. */
export function ageAll() {
  for (const one of document.querySelectorAll("[data-age]")) {
    one.textContent = age(String(/** @type {HTMLElement} */ (one).dataset.age));
  }
}
