// @ts-check
// The report of answer times: figures, charts, rows.

import { el } from "./dom.js";
import { pictureNote } from "./picture.js";
import { distribution, trend } from "./report_charts.js";
import { heatMap } from "./report_heat.js";
import { amiss, beside, cells, count, measure, otherOf, pairs } from "./report_compared.js";
import { exactly, files, kindName, opens, percent, table } from "./report_parts.js";
import { eachDay } from "./report_figures.js";
import { causesPicture } from "./report_pictures.js";
import { fill, words } from "./words.js";

const own = words.reports;
const DAY_MS = 86_400_000;
const NO_CALLS = {
  offered: 0, answered: 0, abandoned: 0, short: 0, unreached: 0, late: 0, within_three_rings: 0, within_limit: 0,
  three_rings_share: null, service_level: null, connected: null, human_seconds: { p50: null, p90: null, p99: null },
};
const COUNTS = ["offered", "answered", "abandoned", "short", "late"];
const AMISS = new Set(["abandoned", "late"]);
const SECONDS = ["p50", "p90", "p99"];

/** @typedef {import("./report_parts.js").Days} Days */
/** @typedef {import("./report_compared.js").Other} Other */

/**
 * @param {HTMLElement} place
 * @param {any} found
 * @param {any} old the same of the days before, or null
 * @param {Days} days
 * @param {(by: string) => void} choose
 */
export function showCalls(place, found, old, days, choose) {
  const other = otherOf(found, old);
  place.replaceChildren(
    figures(found.total, old?.total, days, other),
    pictureNote(),
    el("div", { class: "report-charts" }, trend(found, old), distribution(found, old, days), heatMap(found, old, days), causesPicture(causes(found, old, days, other), found, old, days), outcomes(found, old, days, other)),
    rows(found, old, days, other, choose),
  );
}

/** @param {any} total @param {any} old @param {Days} days @param {Other | null} other */
function figures(total, old, days, other) {
  const shares = [
    ["three_rings", "three_rings_share", "within-three-rings", "within_three_rings", "offered", "not-within-three-rings"],
    ["service_level", "service_level", "within-limit", "within_limit", "", "not-within-limit"],
    ["connected", "connected", "answered", "answered", "", "unreached"],
  ];
  const both = (/** @type {(of: any, at: Days) => import("./report_compared.js").Figure} */ figure) => beside(figure(total, days), other && figure(old, other.days), other);
  return el(
    "div",
    { class: "report-figures" },
    shares.map(([name, share, figure, part, whole, others]) =>
      card(
        own.column[name],
        both((of, at) => measure(opens(of[part], at, { figure }, percent(of[share])), of[share], "more")),
        both((of, at) => ({ shown: parts(of, at, figure, part, whole, others) })),
        name,
      ),
    ),
    COUNTS.map((name) =>
      card(own.column[name], both((of, at) => (AMISS.has(name) ? amiss(opens(of[name], at, { figure: name }), of[name], of.offered) : count(opens(of[name], at, { figure: name }), of[name]))), "", name),
    ),
    SECONDS.map((name) =>
      card(own.column[name].replace(/[（(].*/, ""), both((of, at) => measure(slower(of, name, at, {}, exactly(of.human_seconds[name])), of.human_seconds[name], "less")), "", name),
    ),
  );
}

/** How many of how many, and how many were not. @param {any} of @param {Days} days @param {string} figure @param {string} part @param {string} whole @param {string} others */
function parts(of, days, figure, part, whole, others) {
  const all = whole ? of[whole] : of.answered + of.unreached;
  const left = all - of[part];
  return el("span", {}, opens(of[part], days, { figure }, fill(own.of, { part: of[part], whole: all })), " · ", opens(left, days, { figure: others }, fill(own.others, { n: left })));
}

/** @param {string} name @param {Node | string} value @param {Node | string} note @param {string} which */
function card(name, value, note, which) {
  return el("div", { class: "panel", "data-figure": which }, el("h2", {}, name), el("p", { class: "value" }, value), el("p", { class: "soft small" }, note));
}

/** @param {any} found @param {any} old @param {Days} days @param {Other | null} other */
function causes(found, old, days, other) {
  const late = (/** @type {any} */ one, /** @type {Days} */ at) => [count(opens(one.calls, at, { figure: `late:${one.name}` }, `${own.late[one.name]} ${one.calls}`), one.calls)];
  return table(
    own.causes,
    [own.cause, own.column.late],
    counted(found.causes, old?.causes, "cause", found.total.offered && old?.total.offered ? "less" : undefined, (name) => words.leg[name] ?? own.none.cause, days, other),
    el("span", { class: "soft small" }, named(found.late, old?.late).flatMap((pair, place) => [place ? " · " : " ", ...cells(late, pair, days, other)])),
    files(days, "causes"),
  );
}

/** How the calls ended. @param {any} found @param {any} old @param {Days} days @param {Other | null} other */
function outcomes(found, old, days, other) {
  return table(
    own.outcomes,
    [own.outcome_column, own.column.offered],
    counted(found.outcomes, old?.outcomes, "outcome", undefined, (name) => words.outcome[name] ?? name, days, other),
  );
}

/**
 * Rows of counts of calls by name.
 * @param {any[]} found
 * @param {any[] | undefined} old
 * @param {string} figure "cause" of "cause:queue"
 * @param {"less" | undefined} good
 * @param {(name: string) => string} nameOf
 * @param {Days} days
 * @param {Other | null} other
 */
export function counted(found, old, figure, good, nameOf, days, other) {
  const figures = (/** @type {any} */ one, /** @type {Days} */ at) => [count(opens(one.calls, at, { figure: `${figure}:${one.name}` }), one.calls, good)];
  return named(found, old).map((pair) => [nameOf((pair[0] ?? pair[1]).name), ...cells(figures, pair, days, other)]);
}

/** @param {any[]} found @param {any[] | undefined} old */
function named(found, old) {
  return pairs(found, old, ({ name }) => name, ({ name }) => ({ name, calls: 0 }));
}

/** @param {any} found @param {any} old @param {Days} days @param {Other | null} other @param {(by: string) => void} choose */
function rows(found, old, days, other, choose) {
  const select = el(
    "select",
    { name: "by", "aria-label": own.by_label, onchange: (/** @type {any} */ event) => choose(event.target.value) },
    Object.entries(own.by_title).map(([name, title]) => el("option", { value: name, selected: name === found.by }, String(title))),
  );
  const month = days.from.slice(0, 7);
  const paper = el("span", { class: "more" }, " ", el("a", { href: `/api/v1/reports/month.pdf?month=${month}`, download: true }, `${own.pdf} ${month}`));
  const figures = (/** @type {any} */ one, /** @type {Days} */ at) => rowFigures(found.by, one, at);
  return table(
    own.by_title[found.by],
    [own.by[found.by], ...["offered", "answered", "abandoned", "three_rings", "service_level", "connected", "late", ...SECONDS].map((name) => own.column[name])],
    inOrder(found, old).map((pair) => [rowName(found.by, pair), ...cells(figures, pair, days, other)]),
    select,
    files(days, "calls", { by: found.by }),
    paper,
  );
}

/** The rows of both ranges in the order of their values. Days stand beside one another as they follow in their range. @param {any} found @param {any} old */
function inOrder(found, old) {
  if (found.by !== "day" || !old) {
    const both = pairs(found.rows, old?.rows, ({ value }) => value, ({ value, label }) => ({ value, label, times: NO_CALLS }));
    return old ? both.sort(([a, past], [b, other]) => inValue((a ?? past).value, (b ?? other).value)) : both;
  }
  const [here, past] = [everyDay(found), everyDay(old)];
  const days = pairs(here, past, ({ place }) => place, (one) => one, { isCut: true, isPastCut: true }); // a day more than the other range has is not 0 there
  return days.filter((pair) => pair.some((one) => one?.times.offered || one?.times.short));
}

/** @param {any} report by day */
function everyDay(report) {
  const times = new Map(report.rows.map((/** @type {any} */ row) => [row.value, row.times]));
  return eachDay(report).map((value, place) => ({ value, place: String(place), label: "", times: /** @type {any} */ (times.get(value) ?? NO_CALLS) }));
}

/** Numbers as numbers, then words; what has no value last. @param {string} a @param {string} b */
function inValue(a, b) {
  if (!a || !b) return Number(!a) - Number(!b);
  return a.localeCompare(b, "en", { numeric: true });
}

/** @param {string} by @param {[any, any]} pair */
function rowName(by, [one, past]) {
  const said = (/** @type {any} */ { value, label }) => [valueName(by, value), label].filter(Boolean).join(" ");
  if (by === "day" && past) return el("span", {}, one ? said(one) : "—", el("small", { class: "soft other-range" }, fill(own.before, { n: said(past) })));
  return said(one ?? past);
}

/** @param {string} by @param {any} row @param {Days} days */
function rowFigures(by, { value, times }, days) {
  const at = by === "day" ? { from: value, to: value } : days;
  /** @type {Record<string, string>} */
  const which = by === "day" ? {} : { by, value };
  const calls = (/** @type {string} */ figure, /** @type {number} */ n, /** @type {string} */ said = String(n)) => opens(n, at, { ...which, figure }, said);
  const wished = times.answered + times.unreached;
  return [
    count(calls("offered", times.offered), times.offered),
    count(calls("answered", times.answered), times.answered),
    amiss(calls("abandoned", times.abandoned), times.abandoned, times.offered),
    measure(calls("not-within-three-rings", times.offered, percent(times.three_rings_share)), times.three_rings_share, "more"),
    measure(calls("not-within-limit", wished, percent(times.service_level)), times.service_level, "more"),
    measure(calls("unreached", wished, percent(times.connected)), times.connected, "more"),
    amiss(calls("late", times.late), times.late, times.offered),
    ...SECONDS.map((name) => measure(slower(times, name, at, which, String(times.human_seconds[name] ?? own.no_data)), times.human_seconds[name], "less")),
  ];
}

/** @param {string} by @param {string} value */
function valueName(by, value) {
  if (by === "kind") return kindName(value);
  if (by === "weekday") return own.weekdays[Number(value) - 1];
  if (by === "hour") return `${value}:00`;
  if (by === "queue") return words.queue[value] ?? (value || own.none.queue);
  return value || own.none[by] || words.none;
}

/**
 * A percentile, which opens the calls that waited longer.
 * @param {any} times
 * @param {string} name
 * @param {Days} days
 * @param {Record<string, string>} which
 * @param {string} said
 */
function slower(times, name, days, which, said) {
  const seconds = times.human_seconds[name];
  return opens(seconds === null ? 0 : 1, days, { ...which, figure: "answered", above: seconds }, said);
}
