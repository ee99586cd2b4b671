// @ts-check
// The report of what agents did.

import { el } from "./dom.js";
import { pictureNote } from "./picture.js";
import { amiss, beside, cells, count, measure, otherOf, pairs } from "./report_compared.js";
import { exactly, files, length, opens, opensItems, percent, table } from "./report_parts.js";
import { agentsPictures } from "./report_pictures.js";
import { words } from "./words.js";

const own = words.reports;
const TITLES = ["agent", "calls", "calls_out", "talk", "hold", "wrap_up", "ready", "paused", "missed", "mark_mean", "drafts", "occupancy"];
const PAUSED = TITLES.indexOf("paused");
const NO_WORK = {
  calls: 0, calls_out: 0, talk_seconds: 0, hold_seconds: 0, wrap_up_seconds: 0, ready_seconds: 0, paused_seconds: 0, pauses: {}, missed: 0,
  marks: 0, mark_mean: null, drafts_kept: 0, drafts_changed: 0, drafts_share: null, occupancy: null, human_seconds: { p50: null },
};

/** @typedef {import("./report_parts.js").Days} Days */
/** @typedef {import("./report_compared.js").Other} Other */

/**
 * @param {HTMLElement} place
 * @param {any} found
 * @param {any} old
 * @param {Days} days
 */
export function showAgents(place, found, old, days) {
  const other = otherOf(found, old);
  const both = pairs(found.agents, old?.agents, ({ agent }) => agent, ({ agent, name }) => ({ ...NO_WORK, agent, name }));
  place.replaceChildren(
    pictureNote(),
    agentsPictures(table(
      own.agents,
      [...TITLES.map((name) => own.agent_title[name]), own.column.p50],
      both.map((pair) => row(pair, days, other)),
      files(days, "agents"),
    ), found, old, days),
  );
}

/**
 * @param {[any, any]} pair
 * @param {Days} days
 * @param {Other | null} other
 */
function row(pair, days, other) {
  const [one, past] = pair;
  const shown = [[one.agent, one.name].filter(Boolean).join(" "), ...cells(figures, pair, days, other)];
  shown[PAUSED] = el("span", {}, shown[PAUSED], pauses(one, past, days, other));
  return shown;
}

/** @param {any} one @param {Days} days */
function figures(one, days) {
  const value = one.agent;
  const time = (/** @type {string} */ figure, /** @type {number} */ seconds) => count(opensItems(seconds, days, { figure, value }, length(seconds)), seconds);
  const drafts = el(
    "span",
    {},
    opensItems(one.drafts_kept + one.drafts_changed, days, { figure: "drafts", value }, percent(one.drafts_share)),
    one.drafts_changed > 0 && el("small", {}, " ", opensItems(one.drafts_changed, days, { figure: "drafts-changed", value })),
  );
  return [
    count(opens(one.calls, days, { by: "spoke-in", value }), one.calls),
    count(opens(one.calls_out, days, { by: "spoke-out", value }), one.calls_out),
    count(opens(one.talk_seconds, days, { by: "spoke", value }, length(one.talk_seconds)), one.talk_seconds),
    count(opens(one.hold_seconds, days, { by: "held", value }, length(one.hold_seconds)), one.hold_seconds),
    time("wrap-up", one.wrap_up_seconds),
    time("ready", one.ready_seconds),
    time("paused", one.paused_seconds),
    amiss(opensItems(one.missed, days, { figure: "missed", value }), one.missed, one.missed + one.calls),
    measure(opens(one.marks, days, { by: "marked", value }, one.mark_mean === null ? own.no_data : `${one.mark_mean} (${one.marks})`), one.mark_mean, "more"),
    measure(drafts, one.drafts_share),
    measure(opensItems(one.ready_seconds + one.wrap_up_seconds, days, { figure: "at-desk", value }, percent(one.occupancy)), one.occupancy),
    measure(opens(one.human_seconds.p50 ?? 0, days, { by: "agent", value, figure: "answered" }, exactly(one.human_seconds.p50)), one.human_seconds.p50, "less"),
  ];
}

/** Each reason of the pauses of both ranges, with its time. @param {any} one @param {any} past @param {Days} days @param {Other | null} other */
function pauses(one, past, days, other) {
  const reasons = [...new Set([...Object.keys(one.pauses), ...Object.keys(past?.pauses ?? {})])];
  const time = (/** @type {any} */ of, /** @type {Days} */ at, /** @type {string} */ part) =>
    count(opensItems(of.pauses[part] ?? 0, at, { figure: "paused", value: of.agent, part }, length(of.pauses[part] ?? 0)), of.pauses[part] ?? 0);
  return reasons.map((part) =>
    el("small", { class: "reason" }, `${words.agent_page.reason[part] ?? part} `, beside(time(one, days, part), past && other && time(past, other.days, part), other)),
  );
}
