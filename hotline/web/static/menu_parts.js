// @ts-check
// What the page of menus draws: the picture, two texts laid beside each other, what is wrong at its line.

import { el } from "./dom.js";
import { fill, language, words } from "./words.js";

const own = words.menus;
const SIGN = { same: " ", out: "−", in: "+", gap: " " };

/** The server's own picture; it is drawn from checked values, each escaped there. @param {string} text @returns {Node} */
export function picture(text) {
  if (!text) return el("p", { class: "soft" }, own.no_picture);
  const read = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
  return document.importNode(read, true);
}

/** @param {HTMLElement} box @param {any[]} rows */
export function showRows(box, rows) {
  box.replaceChildren(
    ...(rows.length ? rows.map(rowOf) : [el("p", { class: "soft" }, own.no_difference)]),
  );
}

/** @param {any} row */
function rowOf(row) {
  const kind = /** @type {keyof typeof SIGN} */ (row.kind);
  return el(
    "div",
    { "data-kind": kind },
    el("span", { class: "n" }, row.old ?? ""),
    el("span", { class: "n" }, row.new ?? ""),
    el("span", {}, SIGN[kind]),
    el("span", {}, kind === "gap" ? "⋯" : row.text),
  );
}

/** @param {HTMLElement} list @param {any[]} problems @param {(line: number) => void} go */
export function showProblems(list, problems, go) {
  list.replaceChildren(
    ...problems.map((one) =>
      el(
        "li",
        {},
        el(
          "button",
          { type: "button", onclick: () => go(one.line) },
          fill(own.line, { n: one.line }),
          one.place && el("code", {}, ` ${one.place} `),
          " ",
          language === "zh" ? one.reason_zh : one.reason,
        ),
      ),
    ),
  );
}

/** The numbers beside the text, those of wrong lines marked. @param {HTMLElement} box @param {string} text @param {Set<number>} wrong */
export function showLines(box, text, wrong) {
  const lines = text.split("\n").length;
  box.replaceChildren(
    ...Array.from({ length: lines }, (_, n) => (wrong.has(n + 1) ? [el("b", {}, n + 1), "\n"] : [`${n + 1}\n`])).flat(),
  );
}

/** Put the cursor into a line and bring it into sight. @param {HTMLTextAreaElement} area @param {number} line */
export function goToLine(area, line) {
  const rows = area.value.split("\n");
  const begin = rows.slice(0, line - 1).reduce((sum, row) => sum + row.length + 1, 0);
  area.focus();
  area.setSelectionRange(begin, begin + (rows[line - 1] ?? "").length);
  area.scrollTop = Math.max(0, (line - 4) * (area.scrollHeight / Math.max(1, rows.length)));
}
