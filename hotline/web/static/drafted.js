// @ts-check
// What a field of a draft rests on: menu, resident's record, or a second of the recording; and whether it is to be asked.

import { el } from "./dom.js";
import { dayAndClock, span } from "./times.js";
import { words } from "./words.js";

/** @typedef {(seconds: number) => void} PlayFrom */

/**
 * The marks below one field of the form; nothing where nothing is known of it.
 * @param {any} entry
 * @param {string} name of the form's field
 * @param {HTMLElement} input takes a value that is offered
 * @param {PlayFrom | undefined} playFrom where a player is there; without it a mark leads to the call's page
 * @returns {HTMLElement | null}
 */
export function restsOn(entry, name, input, playFrom) {
  const told = { matter: ["symptom"], promised: ["promised", "due"], is_urgent: ["is_urgent", "emergency"] }[name] ?? [name];
  const found = (entry?.drafted ?? []).filter((/** @type {any} */ one) => told.includes(one.field) && (one.origin || one.offered.length));
  if (!found.length) return null;
  return el("span", { class: "rests" }, found.map((/** @type {any} */ one) => marks(entry, one, input, playFrom)).flat());
}

/** @param {any} entry @param {any} one @param {HTMLElement} input @param {PlayFrom | undefined} playFrom */
function marks(entry, one, input, playFrom) {
  const extra = words.draft_field[one.field]; // what has no field of its own in the form
  const isUnsure = one.certainty === "unsure";
  return [
    extra && one.value && el("span", {}, `${extra} ${one.field === "due" ? dayAndClock(one.value) : one.value}`),
    one.origin && source(entry, one, playFrom),
    isUnsure && el("b", { class: "late" }, one.value ? words.draft_unsure : words.draft_contradicts),
    ...(isUnsure ? one.offered.map((/** @type {string} */ value) => offer(one, value, input)) : []),
  ];
}

/** @param {any} entry @param {any} one @param {PlayFrom | undefined} playFrom */
function source(entry, one, playFrom) {
  const name = words.draft_origin[one.origin];
  if (one.second === null) return el("span", { class: "tag" }, name);
  const text = `${name} ${span(one.second)}`;
  if (!playFrom) return el("a", { class: "tag", href: `/calls/${encodeURIComponent(entry.call_id)}?t=${one.second}`, title: one.phrase }, text);
  return el("button", { type: "button", class: "tag", title: one.phrase, onclick: () => playFrom(one.second) }, "▸ ", text);
}

/** @param {any} one @param {string} value @param {HTMLElement} input */
function offer(one, value, input) {
  const take = () => {
    /** @type {HTMLInputElement} */ (input).value = value;
    input.focus();
  };
  return el("button", { type: "button", class: "tag", onclick: take }, one.field === "kind" ? words.kind[value] ?? value : value);
}
