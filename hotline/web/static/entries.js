// @ts-check
// Rows of the duty log.

import { el } from "./dom.js";
import { dayAndClock } from "./times.js";
import { say, words } from "./words.js";

/**
 * One entry as a row of the table.
 * @param {any} entry
 */
export function entryRow(entry) {
  const number = entryNumber(entry);
  const cell = (/** @type {string} */ kind, /** @type {any[]} */ ...children) => el("td", { class: kind || null }, ...children);
  return el(
    "tr",
    { class: entry.is_urgent ? "urgent" : null, "data-number": entry.number },
    cell("number", entry.call_id ? el("a", { href: `/calls/${encodeURIComponent(entry.call_id)}` }, number) : number),
    cell("time", dayAndClock(entry.happened_at ?? entry.written_at)),
    cell("", kindMark(entry.kind), entry.is_urgent && el("span", { class: "tag alarm" }, words.urgent)),
    cell("", entry.home || words.none),
    cell("", entry.who || words.none),
    cell("words", ...correctionMarks(entry), el("span", { title: entry.matter }, entry.matter)),
    cell("words", el("span", { title: entry.promised }, entry.promised || words.none)),
    cell("", entry.agent || words.none),
    cell("", stateMark(entry.state)),
  );
}

/** The number a person says: of the day once it is confirmed, before that the running one. @param {any} entry */
export function entryNumber(entry) {
  return entry.page || `№${entry.number}`;
}

/** Which entry it corrects, and which one corrects it. @param {any} entry @returns {any[]} */
export function correctionMarks(entry) {
  return [
    entry.corrects && el("small", { class: "soft" }, say("corrects", { n: entry.corrects }), " "),
    entry.corrected_by && el("b", { class: "tag" }, say("corrected_by", { n: entry.corrected_by }), " "),
  ];
}

/** @param {string} kind */
export function kindMark(kind) {
  return el("span", { class: "kind", "data-is": kind }, words.kind[kind] ?? kind);
}

/** @param {string} state */
export function stateMark(state) {
  return el("span", { class: "tag", "data-is": state }, words.entry_state[state] ?? state);
}
