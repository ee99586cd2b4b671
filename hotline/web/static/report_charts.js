// @ts-check
// The charts of reports: each is a picture that opens the calls behind what is clicked, and below it the same figures as links.

import { el } from "./dom.js";
import { Picture, pictureFigures } from "./picture.js";
import { amountsAxis, bars, legend, namesAxis, sharesAxis } from "./picture_axes.js";
import { behind, files, percent } from "./report_parts.js";
import { eachDay, figureTable, heard, orNone, rangeName } from "./report_figures.js";
import { fill, words } from "./words.js";

const own = words.reports;
const ZOOMS_FROM_DAYS = 62;
const THREE_RINGS_GOAL = 0.95;
const LATE_FROM_S = 20;

/** @typedef {import("./report_parts.js").Days} Days */

/**
 * How many calls each day and how many were lifted in time; of the days compared with, day beside day. A day without calls
 * has no share, which is a gap of the line.
 * @param {any} found
 * @param {any} old
 */
export function trend(found, old) {
  const [days, before] = [eachDay(found), old ? eachDay(old) : []];
  const of = new Map([...(old?.days ?? []), ...found.days].map((/** @type {any} */ row) => [row.value, row.times]));
  const columns = days.length >= before.length ? days : before;
  const told = (/** @type {string | undefined} */ day) => {
    const times = day && of.get(day);
    if (!times) return day ? `${day} ${own.no_data}` : "";
    return fill(own.trend_told, { day, offered: times.offered, three: percent(times.three_rings_share), level: percent(times.service_level) });
  };
  const count = (/** @type {string} */ day) => of.get(day)?.offered ?? null;
  const isLow = (/** @type {string} */ day) => (of.get(day)?.three_rings_share ?? 1) < THREE_RINGS_GOAL;
  const isLong = columns.length > ZOOMS_FROM_DAYS;
  /** @param {number} em */
  const option = (em) => ({
    legend: legend(em),
    grid: { left: 2, right: 2, top: 2 * em, bottom: isLong ? 2.6 * em : 2, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    xAxis: namesAxis(columns.map((day) => (isLong ? day : day.slice(5))), em),
    yAxis: [amountsAxis(em), sharesAxis(em)],
    series: [
      ...(old ? [bars(rangeName(old), before.map(count), "var(--soft)")] : []),
      bars(old ? rangeName(found) : own.column.offered, days.map((day) => marked(count(day), isLow(day))), "var(--accent)"),
      {
        type: "line",
        name: own.column.three_rings,
        yAxisIndex: 1,
        data: days.map((day) => of.get(day)?.three_rings_share ?? null),
        symbol: "circle",
        symbolSize: 0.3 * em,
        showAllSymbol: true,
        lineStyle: { color: "var(--text)", width: 1.5 },
        itemStyle: { color: "var(--text)" },
        emphasis: { disabled: true },
      },
    ],
    dataZoom: isLong ? zoom(em) : [],
  });
  return chart(own.trend, "trend", days.some(count), {
    told: heard(own.trend, days.map((day) => ({ name: day, n: count(day) ?? 0 }))),
    option,
    tip: (at) => [told(days[at]), told(before[at])].filter(Boolean),
    opens: (x) => (count(days[x]) ? behind({ from: days[x], to: days[x] }, {}) : ""),
  }, () => figureTable(
    [own.by.day, ...["offered", "three_rings", "service_level"].map((name) => own.column[name]), ...(old ? [rangeName(old)] : [])],
    columns.map((_, at) => [
      days[at] ?? "",
      link(days[at], String(orNone(count(days[at])))),
      percent(of.get(days[at])?.three_rings_share ?? null),
      percent(of.get(days[at])?.service_level ?? null),
      ...(old ? [before[at] ? link(before[at], `${before[at]} ${orNone(count(before[at]))}`) : ""] : []),
    ]),
  ), fill(own.trend_orange, { goal: percent(THREE_RINGS_GOAL) }));

  /** @param {string} day @param {string} said */
  function link(day, said) {
    return count(day) ? el("a", { href: behind({ from: day, to: day }, {}) }, said) : said;
  }
}

/** How long callers waited for a human voice; of the days compared with, too. @param {any} found @param {any} old @param {Days} days */
export function distribution(found, old, days) {
  const steps = found.distribution.map((/** @type {any} */ bar) => ({
    ...bar,
    name: bar.up_to === null ? fill(own.bar_last, { above: bar.above }) : fill(own.bar, { above: bar.above, up_to: bar.up_to }),
    isLate: bar.up_to === null || bar.up_to > LATE_FROM_S,
    before: old?.distribution.find((/** @type {any} */ one) => one.above === bar.above)?.calls ?? 0,
    href: behind(days, { figure: "answered", above: bar.above || null, up_to: bar.up_to }),
    past: old && behind({ from: old.first, to: old.last }, { figure: "answered", above: bar.above || null, up_to: bar.up_to }),
  }));
  const has = steps.some((/** @type {any} */ step) => step.calls || step.before);
  const link = (/** @type {number} */ n, /** @type {string} */ href) => (n ? el("a", { href }, String(n)) : "0");
  return chart(own.distribution, "distribution", has, {
    told: heard(own.distribution, steps.map((/** @type {any} */ step) => ({ name: step.name, n: step.calls }))),
    option: (em) => ({
      ...(old ? { legend: legend(em) } : {}),
      xAxis: namesAxis(steps.map((/** @type {any} */ step) => (step.up_to === null ? `>${step.above}` : `≤${step.up_to}`)), em),
      yAxis: amountsAxis(em),
      series: [
        ...(old ? [bars(rangeName(old), steps.map((/** @type {any} */ step) => step.before), "var(--soft)")] : []),
        bars(old ? rangeName(found) : own.column.answered, steps.map((/** @type {any} */ step) => marked(step.calls, step.isLate)), "var(--accent)"),
      ],
    }),
    tip: (at) => [
      fill(own.bar_told, { bar: steps[at].name, n: steps[at].calls }),
      ...(old ? [`${rangeName(old)} ${fill(own.bar_told, { bar: steps[at].name, n: steps[at].before })}`] : []),
    ],
    opens: (x) => (steps[x]?.calls ? steps[x].href : ""),
  }, () => figureTable(
    [own.wait, old ? rangeName(found) : own.column.answered, ...(old ? [rangeName(old)] : [])],
    steps.map((/** @type {any} */ step) => [step.name, link(step.calls, step.href), ...(old ? [link(step.before, step.past)] : [])]),
  ), fill(own.distribution_orange, { seconds: LATE_FROM_S }), files(days, "distribution"));
}

/** A bar; in another colour where callers waited too long. @param {number | null} value @param {boolean} isBad */
function marked(value, isBad) {
  return { value, itemStyle: { color: isBad ? "var(--ringing)" : "var(--accent)" } };
}

/** A year is looked at whole, and then closer: by the slider, or with Ctrl and the wheel. @param {number} em */
function zoom(em) {
  return [
    {
      type: "slider",
      height: 1.4 * em,
      bottom: 4,
      borderColor: "var(--line)",
      fillerColor: "transparent",
      dataBackground: { lineStyle: { color: "var(--line)" }, areaStyle: { color: "var(--line)" } },
      selectedDataBackground: { lineStyle: { color: "var(--accent)" }, areaStyle: { color: "var(--accent)" } },
      handleStyle: { color: "var(--panel)", borderColor: "var(--accent)" },
      moveHandleStyle: { color: "var(--soft)" },
      brushStyle: { color: "var(--accent)" },
      emphasis: { handleStyle: { borderColor: "var(--text)" }, moveHandleStyle: { color: "var(--soft)" } },
      textStyle: { color: "var(--soft)", fontSize: 0.8 * em },
    },
    { type: "inside", zoomOnMouseWheel: "ctrl" },
  ];
}

/**
 * @param {string} title
 * @param {string} kind
 * @param {unknown} hasData
 * @param {import("./picture.js").Drawing} drawing
 * @param {() => Node} figures
 * @param {string} [note]
 * @param {...Node} beside the heading
 */
export function chart(title, kind, hasData, drawing, figures, note = "", ...beside) {
  if (!hasData) return el("section", { class: "panel" }, el("h2", {}, title), el("p", { class: "empty" }, own.no_data));
  const picture = new Picture(kind);
  picture.show(drawing);
  return el("section", { class: "panel" }, el("h2", {}, title, ...beside), note ? el("p", { class: "soft small" }, note) : "", picture.element, pictureFigures(figures()));
}
