// @ts-check
// The report of answer times: figures, charts, rows.

import { el } from "./dom.js";
import { pictureNote } from "./picture.js";
import { distribution, trend } from "./report_charts.js";
import { heatMap } from "./report_heat.js";
import { earlier, exactly, files, kindName, opens, percent, table } from "./report_parts.js";
import { causesPicture } from "./report_pictures.js";
import { fill, words } from "./words.js";

const own = words.reports;

/** @typedef {import("./report_parts.js").Days} Days */

/**
 * @param {HTMLElement} place
 * @param {any} found
 * @param {any} old the same of the days before, or null
 * @param {Days} days
 * @param {(by: string) => void} choose
 */
export function showCalls(place, found, old, days, choose) {
  place.replaceChildren(
    figures(found.total, old?.total, days),
    pictureNote(),
    el("div", { class: "report-charts" }, trend(found, old), distribution(found, old, days), heatMap(found, old, days), causesPicture(causes(found, days), found, old, days)),
    rows(found, old, days, choose),
  );
}

/** @param {any} total @param {any} old @param {Days} days */
function figures(total, old, days) {
  const shares = [
    ["three_rings", "three_rings_share", "within-three-rings", "within_three_rings", total.offered, "not-within-three-rings"],
    ["service_level", "service_level", "within-limit", "within_limit", total.answered + total.unreached, "not-within-limit"],
    ["connected", "connected", "answered", "answered", total.answered + total.unreached, "unreached"],
  ];
  const counts = [
    ["offered", "offered"],
    ["answered", "answered"],
    ["abandoned", "abandoned"],
    ["short", "short"],
    ["late", "late"],
  ];
  return el(
    "div",
    { class: "report-figures" },
    shares.map(([name, share, figure, part, whole, others]) => {
      const left = whole - total[part];
      return card(
        own.column[name],
        el("span", {}, percent(total[share]), old && earlier(percent(old[share]))),
        el("span", {}, opens(total[part], days, { figure }, fill(own.of, { part: total[part], whole })), " · ", opens(left, days, { figure: others }, fill(own.others, { n: left }))),
        name,
      );
    }),
    counts.map(([name, figure]) =>
      card(own.column[name], el("span", {}, opens(total[name], days, { figure }), old && earlier(String(old[name]))), "", name),
    ),
    ["p50", "p90", "p99"].map((name) =>
      card(
        own.column[name].replace(/[（(].*/, ""),
        el("span", {}, slower(total, name, days, {}, exactly(total.human_seconds[name])), old && earlier(exactly(old.human_seconds[name]))),
        "",
        name,
      ),
    ),
  );
}

/** @param {string} name @param {Node} value @param {Node | string} note @param {string} which */
function card(name, value, note, which) {
  return el("div", { class: "panel", "data-figure": which }, el("h2", {}, name), el("p", { class: "value" }, value), el("p", { class: "soft small" }, note));
}

/** @param {any} found @param {Days} days */
function causes(found, days) {
  return table(
    own.causes,
    [own.cause, own.column.late],
    found.causes.map((/** @type {any} */ one) => [
      words.leg[one.name] ?? own.none.cause,
      opens(one.calls, days, { figure: `cause:${one.name}` }),
    ]),
    el(
      "span",
      { class: "soft small" },
      found.late.flatMap((/** @type {any} */ one, /** @type {number} */ place) => [place ? " · " : " ", opens(one.calls, days, { figure: `late:${one.name}` }, `${own.late[one.name]} ${one.calls}`)]),
    ),
    files(days, "causes"),
  );
}

/** @param {any} found @param {any} old @param {Days} days @param {(by: string) => void} choose */
function rows(found, old, days, choose) {
  const before = new Map((old?.rows ?? []).map((/** @type {any} */ row) => [row.value, row.times]));
  const select = el(
    "select",
    { name: "by", "aria-label": own.by_label, onchange: (/** @type {any} */ event) => choose(event.target.value) },
    Object.entries(own.by_title).map(([name, title]) => el("option", { value: name, selected: name === found.by }, String(title))),
  );
  const month = days.from.slice(0, 7);
  const paper = el("span", { class: "more" }, " ", el("a", { href: `/api/v1/reports/month.pdf?month=${month}`, download: true }, `${own.pdf} ${month}`));
  return table(
    own.by_title[found.by],
    [own.by[found.by], ...["offered", "answered", "abandoned", "three_rings", "service_level", "connected", "late", "p50", "p90", "p99"].map((name) => own.column[name])],
    found.rows.map((/** @type {any} */ { value, label, times }) => {
      const own_days = found.by === "day" ? { from: value, to: value } : days;
      /** @type {Record<string, string>} */
      const which = found.by === "day" ? {} : { by: found.by, value };
      /** @type {any} */
      const past = before.get(value);
      return [
        [valueName(found.by, value), label].filter(Boolean).join(" "),
        withBefore(opens(times.offered, own_days, which), past && String(past.offered)),
        opens(times.answered, own_days, { ...which, figure: "answered" }),
        opens(times.abandoned, own_days, { ...which, figure: "abandoned" }),
        withBefore(opens(times.offered, own_days, { ...which, figure: "not-within-three-rings" }, percent(times.three_rings_share)), past && percent(past.three_rings_share)),
        withBefore(opens(times.answered + times.unreached, own_days, { ...which, figure: "not-within-limit" }, percent(times.service_level)), past && percent(past.service_level)),
        opens(times.answered + times.unreached, own_days, { ...which, figure: "unreached" }, percent(times.connected)),
        opens(times.late, own_days, { ...which, figure: "late" }),
        ...["p50", "p90", "p99"].map((name) => slower(times, name, own_days, which, String(times.human_seconds[name] ?? own.no_data))),
      ];
    }),
    select,
    files(days, "calls", { by: found.by }),
    paper,
  );
}

/** @param {Node} figure @param {string | undefined} past */
function withBefore(figure, past) {
  return past === undefined ? figure : el("span", {}, figure, earlier(past));
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
