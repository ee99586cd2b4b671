// @ts-check
// Calls by weekday and hour: how many, or how many of them in time. The darker, the more; of shares, the darker the worse.

import { el } from "./dom.js";
import { namesAxis } from "./picture_axes.js";
import { chart } from "./report_charts.js";
import { behind, files, percent } from "./report_parts.js";
import { figureTable, heard, rangeName } from "./report_figures.js";
import { fill, words } from "./words.js";

const own = words.reports;
const FAINTEST = 0.06; // of a cell; the darkest still lets its number be read
const DARKEST = 0.5;
const NARROW_EM = 1.2; // of a cell: a number of two digits does not fit

/** @typedef {import("./report_parts.js").Days} Days */
/** What cells may say: their name in a cell, and the calls that they open. @type {Record<string, {share: string, others: string}>} */
const MODES = {
  offered: { share: "", others: "" },
  three_rings: { share: "three_rings_share", others: "not-within-three-rings" },
  service_level: { share: "service_level", others: "not-within-limit" },
};
const hours = Array.from({ length: 24 }, (_, hour) => hour);

/** The map, and above it the choice of what it tells; the choice stays in the address. @param {any} found @param {any} old @param {Days} days */
export function heatMap(found, old, days) {
  const place = el("div", { class: "heat" });
  const draw = () => place.replaceChildren(map(found, old, days, mode(), choice(draw)));
  draw();
  return place;
}

/** Which of them is asked for. */
function mode() {
  const asked = new URLSearchParams(location.search).get("heat") ?? "";
  return asked in MODES ? asked : "offered";
}

/** @param {() => void} draw */
function choice(draw) {
  const select = /** @type {HTMLSelectElement} */ (
    el(
      "select",
      { name: "heat", "aria-label": own.heat_shows },
      Object.keys(MODES).map((name) => el("option", { value: name, selected: name === mode() }, own.heat_mode[name])),
    )
  );
  select.addEventListener("change", () => {
    const address = new URL(location.href);
    address.searchParams.set("heat", select.value);
    history.replaceState(null, "", address);
    draw();
    /** @type {HTMLElement | null} */ (document.querySelector("select[name=heat]"))?.focus();
  });
  return select;
}

/** @param {any} found @param {any} old @param {Days} days @param {string} shows @param {Node} select */
function map(found, old, days, shows, select) {
  const { share, others } = MODES[shows];
  const cells = everyCell(found.heat);
  const past = new Map((old?.heat ?? []).map((/** @type {any} */ cell) => [placeOf(cell), cell]));
  const top = Math.max(1, ...cells.map((cell) => cell.offered));
  const hrefOf = (/** @type {any} */ cell) =>
    cell.offered ? behind(days, { by: "week-hour", value: placeOf(cell), ...(share && cell[share] < 1 && cell[share] !== null ? { figure: others } : {}) }) : "";
  const said = (/** @type {any} */ cell) => (!cell.offered ? "—" : share ? short(cell[share]) : String(cell.offered));
  return chart(own.heat, "heat", found.heat.length, {
    told: heard(own.heat, cells.map((cell) => ({ name: `${own.weekdays[cell.weekday - 1]} ${cell.hour}:00`, n: cell.offered }))),
    option: (em, width) => ({
      tooltip: { trigger: "item" },
      grid: { left: 2, right: 2, top: 2, bottom: 2, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
      xAxis: namesAxis(hours, em, { position: "top", axisLine: { show: false } }),
      yAxis: namesAxis(own.weekdays, em, { inverse: true, axisLine: { show: false } }),
      series: [
        {
          type: "heatmap",
          data: cells.map((cell) => ({ value: [cell.hour, cell.weekday - 1, cell.offered], itemStyle: shade(cell, share, top) })),
          itemStyle: { borderColor: "var(--panel)", borderWidth: 2, borderRadius: 3 },
          emphasis: { itemStyle: { borderColor: "var(--text)", borderWidth: 1 } },
          label: {
            show: width > 27 * NARROW_EM * em,
            color: "var(--text)",
            opacity: 1,
            fontSize: 0.72 * em,
            formatter: (/** @type {any} */ at) => said(cells[at.dataIndex]),
          },
        },
      ],
    }),
    tip: (n) => [told(cells[n]), ...(old ? [`${rangeName(old)} ${toldBefore(past.get(placeOf(cells[n])), share)}`] : [])],
    opens: (hour, row) => (cells[24 * row + hour] ? hrefOf(cells[24 * row + hour]) : ""),
  }, () => figureTable(
    [own.by.weekday, ...hours.map(String)],
    own.weekdays.map((/** @type {string} */ name, /** @type {number} */ row) => [
      name,
      ...cells.slice(24 * row, 24 * row + 24).map((cell) => (cell.offered ? el("a", { href: hrefOf(cell) }, said(cell)) : "—")),
    ]),
  ), share ? own.heat_orange : own.heat_darker, select, files(days, "heat"));
}

/** Each hour of the week, those without a call, too: nothing is known of them. @param {any[]} heat */
function everyCell(heat) {
  const at = new Map(heat.map((cell) => [placeOf(cell), cell]));
  return [1, 2, 3, 4, 5, 6, 7].flatMap((weekday) => hours.map((hour) => at.get(placeOf({ weekday, hour })) ?? { weekday, hour, offered: 0, three_rings_share: null, service_level: null }));
}

/** No data has a frame and no colour; what was all in time is as faint as can be. @param {any} cell @param {string} share @param {number} top */
function shade(cell, share, top) {
  const n = share ? cell[share] : cell.offered || null;
  if (n === null) return { color: "var(--panel)", borderColor: "var(--line)", borderWidth: 1, borderType: "dashed" };
  const depth = share ? 1 - n : n / top;
  return { color: share && n < 1 ? "var(--ringing)" : "var(--accent)", opacity: FAINTEST + (DARKEST - FAINTEST) * depth };
}

/** In a cell there is room for the percent alone, never rounded up to a hundred. @param {number | null} of */
function short(of) {
  return of === null ? "—" : String(Math.floor(of * 100));
}

/** @param {any} cell */
function told(cell) {
  if (!cell.offered) return `${own.weekdays[cell.weekday - 1]} ${cell.hour}:00 ${own.no_data}`;
  return fill(own.heat_told, {
    weekday: own.weekdays[cell.weekday - 1],
    hour: cell.hour,
    offered: cell.offered,
    three: percent(cell.three_rings_share),
    level: percent(cell.service_level),
  });
}

/** @param {any} cell @param {string} share */
function toldBefore(cell, share) {
  return `${own.column.offered} ${cell?.offered ?? 0}${share && cell ? ` · ${percent(cell[share])}` : ""}`;
}

/** @param {{weekday: number, hour: number}} cell as the list of calls knows it */
function placeOf({ weekday, hour }) {
  return `${weekday}-${String(hour).padStart(2, "0")}`;
}
