// @ts-check
// A table's figures as bars, a row of the picture for each row of the table, above it. What is clicked opens what it counts.

import { el } from "./dom.js";
import { Picture } from "./picture.js";
import { amountsAxis, barLabel, bars, legend, namesAxis } from "./picture_axes.js";
import { fill, words } from "./words.js";

const own = words.reports;
const MOST_ROWS = 30;
const NAME_EM = 9; // of a longer name the beginning is shown; the table has it whole

/**
 * What all rows have one after the other, or in a second bar below.
 * @typedef {object} Part
 * @property {string} name
 * @property {string} colour
 * @property {boolean} [isSecond] whether it stands in the second bar of its row
 */
/**
 * One row: of each part how much, and the address of what that counts ("": of nothing).
 * @typedef {object} Row
 * @property {string} name
 * @property {(number | null)[]} amounts
 * @property {string[]} hrefs
 * @property {string[]} told
 * @property {boolean} [isBad]
 */

/**
 * Put a picture between a table's heading and its rows. Without anything to draw the table stays as it is.
 * @param {HTMLElement} panel
 * @param {...{kind: string, title?: string, note?: string, parts: Part[], rows: Row[], label?: (row: Row) => string, axis?: (em: number) => Record<string, any>}} drawn
 */
export function pictured(panel, ...drawn) {
  const all = drawn.filter(({ rows }) => rows.some(({ amounts }) => amounts.some(Boolean)));
  const name = panel.querySelector("h2")?.firstChild?.textContent ?? "";
  const pictures = all.map((one) => rowsPicture({ title: name, ...one }, Boolean(one.title)));
  panel.querySelector("h2")?.after(...(pictures.length > 1 ? [el("div", { class: "report-charts" }, pictures.map((one) => el("div", {}, one)))] : pictures.flat()));
  return panel;
}

/**
 * @param {{kind: string, title: string, note?: string, parts: Part[], rows: Row[], label?: (row: Row) => string, axis?: (em: number) => Record<string, any>}} what
 * @param {boolean} hasTitle
 */
function rowsPicture({ kind, title, note = "", parts, rows, label, axis = amountsAxis }, hasTitle) {
  const shown = most(rows);
  const picture = new Picture(kind, shown.length * (parts.some(({ isSecond }) => isSecond) ? 1.5 : 1));
  const isPlain = parts.length === 1;
  picture.show({
    told: fill(own.bars_heard, { title, n: rows.length }),
    option: (em) => ({
      ...(isPlain ? {} : { legend: { ...legend(em), selectedMode: false } }), // without one part a click would open another
      grid: { left: 2, right: (label ? 4 : 1) * em, top: isPlain ? 2 : 2 * em, bottom: 2, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
      xAxis: axis(em),
      yAxis: namesAxis(shown.map(({ name }) => name), em, {
        inverse: true,
        axisLabel: { color: "var(--text)", fontSize: 0.8 * em, interval: 0, width: NAME_EM * em, overflow: "truncate" },
      }),
      series: parts.map((part, place) =>
        bars(part.name, shown.map((row) => ({ value: row.amounts[place] || null, itemStyle: { color: row.isBad ? "var(--ringing)" : part.colour } })), part.colour, {
          stack: part.isSecond ? "second" : "first",
          barMaxWidth: 1.2 * em,
          barMinHeight: 3, // a minute beside three hundred hours is seen
          barCategoryGap: "30%",
          itemStyle: { color: part.colour, borderColor: "var(--panel)", borderWidth: 1 },
          ...(label ? { label: barLabel(em, "right", ({ dataIndex }) => label(shown[dataIndex])) } : {}),
        }),
      ),
    }),
    tip: (at) => shown[at].told,
    opens: (_, y, exactly) => (shown[y] ? partAt(parts, shown[y], exactly) : ""),
  });
  const notes = [note, rows.length > shown.length && fill(own.bars_most, { n: shown.length })].filter(Boolean);
  return [
    ...(hasTitle ? [el("h3", {}, title)] : []),
    ...(notes.length ? [el("p", { class: "soft small" }, notes.join(" "))] : []),
    picture.element,
  ];
}

/** A bar may be a pixel long, so what is clicked is the part at the pointer or the nearest before it. @param {Part[]} parts @param {Row} row @param {{x: number, isBelow: boolean}} at */
function partAt(parts, row, at) {
  const hasSecond = parts.some(({ isSecond }) => isSecond);
  let [end, nearest] = [0, ""];
  for (const [place, { isSecond = false }] of parts.entries()) {
    if (hasSecond && isSecond !== at.isBelow) continue;
    const amount = row.amounts[place];
    if (!amount) continue;
    end += amount;
    nearest = row.hrefs[place];
    if (at.x <= end) break;
  }
  return nearest;
}

/** Those with the most, where they are too many to be told apart. @param {Row[]} rows */
function most(rows) {
  const sum = (/** @type {Row} */ row) => row.amounts.reduce((/** @type {number} */ all, one) => all + (one ?? 0), 0);
  return rows.length <= MOST_ROWS ? rows : [...rows].sort((one, other) => sum(other) - sum(one)).slice(0, MOST_ROWS);
}
