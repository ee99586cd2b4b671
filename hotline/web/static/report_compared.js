// @ts-check
// Two ranges beside one another: each figure of the other range in brackets, opening what it counts there, and in words whether it became better.

import { el } from "./dom.js";
import { words } from "./words.js";

const own = words.reports;
const DAY_MS = 86_400_000;
const NEARLY = 0.9; // February beside March; counts of a day beside those of a month say nothing
const UNKNOWN = "—";

/** @typedef {import("./report_parts.js").Days} Days */
/** @typedef {{days: Days, isAsLong: boolean}} Other the range compared with, and whether counts of both may be held against one another */
/**
 * A figure as it is shown. `good` tells which way is better, where one is; only of these `n` is compared.
 * @typedef {object} Figure
 * @property {Node | string} shown
 * @property {number | null} [n] null: no data
 * @property {"more" | "less"} [good]
 * @property {boolean} [isCount] counts grow with the days, shares and waits do not
 */

/** @param {{first: string, last: string}} found @param {{first: string, last: string} | null | undefined} old @returns {Other | null} */
export function otherOf(found, old) {
  if (!old) return null;
  const [mine, theirs] = [found, old].map(({ first, last }) => (Date.parse(last) - Date.parse(first)) / DAY_MS + 1);
  return { days: { from: old.first, to: old.last }, isAsLong: Math.min(mine, theirs) >= NEARLY * Math.max(mine, theirs) };
}

/** @param {Node | string} shown @param {number | null} n @param {"more" | "less"} [good] @returns {Figure} how many there are */
export function count(shown, n, good) {
  return { shown, n, good, isCount: true };
}

/** How many of these went amiss: of nothing at all that is no good sign. @param {Node | string} shown @param {number} n @param {number} of how many there were @returns {Figure} */
export function amiss(shown, n, of) {
  return count(shown, of ? n : null, "less");
}

/** @param {Node | string} shown @param {number | null} n @param {"more" | "less"} [good] @returns {Figure} a share, a wait, a mark */
export function measure(shown, n, good) {
  return { shown, n, good };
}

/**
 * The rows of both ranges, each beside its like; what only one range has is nothing in the other, and unknown where the list was cut short.
 * @template T
 * @param {T[]} found
 * @param {T[] | undefined} old
 * @param {(one: T) => string} keyOf
 * @param {(one: T) => T} nothing a row like this one, without anything in it
 * @param {{isCut?: boolean, isPastCut?: boolean}} [lists]
 * @returns {[T | null, T | null][]}
 */
export function pairs(found, old, keyOf, nothing, { isCut = false, isPastCut = false } = {}) {
  if (!old) return found.map((one) => [one, null]);
  const [here, past] = [found, old].map((all) => new Map(all.map((one) => [keyOf(one), one])));
  return [
    ...found.map((one) => /** @type {[T, T | null]} */ ([one, past.get(keyOf(one)) ?? (isPastCut ? null : nothing(one))])),
    ...old.filter((one) => !here.has(keyOf(one))).map((one) => /** @type {[T | null, T]} */ ([isCut ? null : nothing(one), one])),
  ];
}

/**
 * The cells of one row: each figure, and the other range's in brackets.
 * @template T
 * @param {(one: T, days: Days) => Figure[]} figures
 * @param {[T | null, T | null]} pair
 * @param {Days} days
 * @param {Other | null} other
 * @returns {(Node | string)[]}
 */
export function cells(figures, [one, past], days, other) {
  const now = one && figures(one, days);
  if (!other) return (now ?? []).map(({ shown }) => shown);
  const then = past && figures(past, other.days);
  return (now ?? then ?? []).map((_, place) => beside(now?.[place] ?? { shown: UNKNOWN }, then?.[place] ?? { shown: UNKNOWN }, other));
}

/** @param {Figure} now @param {Figure | null} then @param {Other | null} other @returns {Node | string} a figure, and the other range's in brackets */
export function beside(now, then, other) {
  if (!other || !then) return now.shown;
  const [open, close] = own.before.split("{n}");
  return el("span", {}, now.shown, el("small", { class: "soft other-range" }, open, then.shown, close, change(now, then, other)));
}

/** What became better or worse; nothing where the two look alike, one has no data, or no way is better. @param {Figure} now @param {Figure} then @param {Other} other */
function change(now, then, other) {
  if (!now.good || (now.isCount && !other.isAsLong)) return false;
  if (typeof now.n !== "number" || typeof then.n !== "number" || text(now.shown) === text(then.shown)) return false;
  const rose = now.n > then.n;
  const is = rose === (now.good === "more") ? "better" : "worse";
  return el("b", { class: "change", "data-is": is }, ` ${rose ? "↑" : "↓"}${own.change[is]}`);
}

/** @param {Node | string} shown */
function text(shown) {
  return typeof shown === "string" ? shown : shown.textContent;
}
