// @ts-check
// The fields of the wrap-up: which there are, which of them a person must look at, and quick times for a promise.

import { el } from "./dom.js";
import { words } from "./words.js";

const ASKED = ["home", "who", "matter", "promised", "result"];
const PLACE_FIRST = ["home", "who", "matter", "promised", "result"];
const MATTER_FIRST = ["matter", "home", "who", "promised", "result"];
const HALF_HOUR_MS = 30 * 60_000;
const DAY_MS = 24 * 60 * 60_000;

/** The fields in the order of their kind: where it is comes first for what somebody must go to. @param {string} kind */
export function fields(kind) {
  return ["enquiry", "complaint", "general-help"].includes(kind) ? MATTER_FIRST : PLACE_FIRST;
}

/**
 * Whether a person must look: the draft is not sure, or what must be told is not there.
 * @param {any} shown @param {Record<string, any>} base @param {Record<string, any>} touched @param {string} name
 */
export function needsLook(shown, base, touched, name) {
  if (!ASKED.includes(name) || name in touched) return false;
  const wanted = shown.required[touched.kind ?? base.kind] ?? [];
  if (wanted.includes(name) && !base[name]) return true;
  const drafted = (shown.entry?.drafted ?? []).filter((/** @type {any} */ one) => one.field === name || (name === "matter" && one.field === "symptom"));
  return drafted.some((/** @type {any} */ one) => one.certainty === "unsure" && (one.value || one.offered.length));
}

/**
 * One choice of few, as radio buttons that look like chips.
 * @param {string} name @param {string[][]} options value, words, key @param {string} chosen @param {string} label
 */
export function chips(name, options, chosen, label) {
  return el(
    "fieldset",
    { class: `chips ${name}` },
    el("legend", {}, label),
    options.map(([value, text, key]) => el("label", { class: "chip" }, el("input", { type: "radio", name, value, checked: value === chosen }), key && el("kbd", {}, key), text)),
  );
}

/** A moment as a field of the browser's local time takes it. @param {number} at */
export function localTime(at) {
  const here = new Date(at - new Date(at).getTimezoneOffset() * 60_000);
  return here.toISOString().slice(0, 16);
}

/** Times that are often promised: soon, this evening, tomorrow morning. @param {number} at @returns {[string, string][]} */
export function moments(at) {
  const day = new Date(at);
  const evening = new Date(day.getFullYear(), day.getMonth(), day.getDate(), 18).getTime();
  const morning = new Date(day.getFullYear(), day.getMonth(), day.getDate(), 10).getTime() + DAY_MS;
  return /** @type {[string, number][]} */ ([
    [words.wrap.soon.half, at + HALF_HOUR_MS],
    [words.wrap.soon.hour, at + 2 * HALF_HOUR_MS],
    [words.wrap.soon.evening, evening],
    [words.wrap.soon.tomorrow, morning],
  ])
    .filter(([, when]) => when > at)
    .map(([name, when]) => [name, localTime(when)]);
}
