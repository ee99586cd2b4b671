// @ts-check
// What all reports are made of: shares and lengths in words, links to the calls behind a figure, tables.

import { el } from "./dom.js";
import { fill, words } from "./words.js";

const own = words.reports;

/** @typedef {{from: string, to: string}} Days */

/** @param {number | null} share @returns {string} never rounded up to a hundred */
export function percent(share) {
  if (share === null) return own.no_data;
  return fill(own.percent, { n: share === 1 ? "100" : (Math.floor(share * 1000) / 10).toFixed(1) });
}

/** @param {number | null} seconds @returns {string} */
export function length(seconds) {
  if (seconds === null) return own.no_data;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? fill(own.minutes, { n: minutes }) : fill(own.hours, { h: Math.floor(minutes / 60), m: minutes % 60 });
}

/** @param {number | null} seconds @returns {string} */
export function exactly(seconds) {
  return seconds === null ? own.no_data : fill(words.seconds, { n: seconds });
}

/**
 * The address of the calls behind a figure.
 * @param {Days} days
 * @param {Record<string, string | number | null>} which figure, by, value, above, up_to
 */
export function behind(days, which) {
  const query = new URLSearchParams({ from: days.from, to: days.to });
  for (const [name, value] of Object.entries({ figure: "offered", ...which })) if (value !== null && value !== "") query.set(name, String(value));
  return `/calls?${query}`;
}

/**
 * A figure that opens its calls; none opens nothing.
 * @param {number} n
 * @param {Days} days
 * @param {Record<string, string | number | null>} which
 * @param {string} [said]
 */
export function opens(n, days, which, said = String(n)) {
  return n ? el("a", { href: behind(days, which) }, said) : el("span", {}, said);
}

/** @param {string} text of the days before, in brackets */
export function earlier(text) {
  return el("small", { class: "soft" }, ` ${fill(own.before, { n: text })}`);
}

/**
 * @param {string} title
 * @param {string[]} headings
 * @param {(Node | string | number)[][]} rows
 * @param {(Node | string | null)[]} beside the heading
 */
export function table(title, headings, rows, ...beside) {
  return el(
    "section",
    { class: "panel" },
    el("h2", {}, title, ...beside),
    rows.length
      ? el(
          "div",
          { class: "scroll", tabindex: 0, role: "group", "aria-label": title },
          el(
            "table",
            {},
            el("thead", {}, el("tr", {}, headings.map((name) => el("th", { scope: "col" }, name)))),
            el("tbody", {}, rows.map((row) => el("tr", {}, row.map((cell, place) => el(place ? "td" : "th", place ? { class: "number" } : { scope: "row" }, cell))))),
          ),
        )
      : el("p", { class: "empty" }, own.no_data),
  );
}

/** @param {string} kind */
export function kindName(kind) {
  return words.kind[kind] ?? words.after[kind] ?? (kind || own.none.kind);
}

/**
 * A figure that counts something else than calls, and opens what it counts; none opens nothing.
 * @param {number} n
 * @param {Days} days
 * @param {{figure: string, value?: string, part?: string}} which
 * @param {string} [said]
 */
export function opensItems(n, days, which, said = String(n)) {
  return n ? el("a", { href: behindItems(days, which) }, said) : el("span", {}, said);
}

/**
 * The address of what is behind a figure that counts something else than calls.
 * @param {Days} days
 * @param {{figure: string, value?: string, part?: string}} which
 */
export function behindItems(days, which) {
  const query = new URLSearchParams({ from: days.from, to: days.to });
  for (const [name, value] of Object.entries(which)) if (value) query.set(name, value);
  return `/reports/behind?${query}`;
}

/**
 * A table's rows as files; of what names homes a form that asks why.
 * @param {Days} days
 * @param {string} what
 * @param {Record<string, string>} [more]
 */
export function files(days, what, more = {}) {
  const query = new URLSearchParams({ ...days, ...more, what });
  return el(
    "span",
    { class: "more" },
    ["csv", "xlsx"].map((form) => [" ", el("a", { href: `/api/v1/reports/rows?${query}&format=${form}`, download: true }, own[form])]).flat(),
  );
}

/** @param {Days} days @param {string} what */
export function filesWithReason(days, what) {
  return el(
    "form",
    { class: "more file-form", action: "/api/v1/reports/rows" },
    el("span", {}, own.files),
    Object.entries({ ...days, what }).map(([name, value]) => el("input", { type: "hidden", name, value })),
    el("select", { name: "format", "aria-label": own.files }, ["csv", "xlsx"].map((form) => el("option", { value: form }, own[form]))),
    el("label", {}, own.file_reason, " ", el("input", { name: "reason", minlength: 2, maxlength: 200, required: true })),
    el("button", {}, own.file_take),
  );
}
