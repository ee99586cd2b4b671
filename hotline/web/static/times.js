// @ts-check
// Times of day are shown as the server wrote them: in the centre's zone, whatever this machine's is.

import { language, say } from "./words.js";

const MONTH_AND_DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });

let ahead = 0; // milliseconds by which the server's clock is ahead of this machine's

let offset = 0; // milliseconds by which the centre's clocks are ahead of UTC

/** @param {string} iso the server's present moment */
export function setClock(iso) {
  ahead = Date.parse(iso) - Date.now();
  const [, sign, hours, minutes] = /([+-])(\d\d):(\d\d)$/.exec(iso) ?? ["", "+", "0", "0"];
  offset = (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
}

/** @returns {string} the present moment on the centre's clocks, as the server writes it, without the offset */
export function nowThere() {
  return new Date(now() + offset).toISOString().slice(0, 19);
}

/** @returns {number} the server's present moment, in milliseconds */
export function now() {
  return Date.now() + ahead;
}

/** @param {string | null} iso @returns {string} 09:41:07 */
export function clock(iso) {
  return iso ? iso.slice(11, 19) : "";
}

/** @param {string | null} iso @returns {string} 11-21 09:41, in English 21 Nov 09:41 */
export function dayAndClock(iso) {
  return iso ? `${day(iso)} ${iso.slice(11, 16)}` : "";
}

/** @param {string} iso @returns {string} 11-21, in English 21 Nov */
export function day(iso) {
  return language === "zh" ? iso.slice(5, 10) : MONTH_AND_DAY.format(new Date(`${iso.slice(0, 10)}T00:00Z`));
}

/** @param {number} seconds @returns {string} 1:07, 1:02:03 */
export function span(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/**
 * A wait is never said shorter than it was, as in reports: 11.04 s is more than three rings.
 * @param {number} seconds
 * @returns {string} 4.2 秒, 4.2 s
 */
export function exact(seconds) {
  const ms = Math.round(Math.max(0, seconds) * 1000);
  return say("seconds", { n: (Math.ceil(ms / 100) / 10).toFixed(1) });
}

/**
 * Seconds from one moment to another, or to now.
 * @param {string} from
 * @param {string | null} [to]
 */
export function between(from, to = null) {
  return ((to ? Date.parse(to) : now()) - Date.parse(from)) / 1000;
}
