// @ts-check
// The pictures above the tables of reports: causes of late answers, agents' time and calls, kinds, call-backs, hot spots, fees.

import { sharesAxis } from "./picture_axes.js";
import { pictured } from "./report_bars.js";
import { rangeName } from "./report_figures.js";
import { behind, behindItems, kindName, length, percent } from "./report_parts.js";
import { fill, words } from "./words.js";

const own = words.reports;
const FEES_GOAL = 0.9;
const HOUR_S = 3600;

/** @typedef {import("./report_parts.js").Days} Days */
/** @typedef {{first: string, last: string} | null} Old the report of the days compared with */

/** On what the late calls' wait was lost. @param {HTMLElement} panel @param {any} found @param {any} old @param {Days} days */
export function causesPicture(panel, found, old, days) {
  const name = (/** @type {any} */ one) => words.leg[one.name] ?? own.none.cause;
  return pictured(panel, counted("causes", own.column.late, found.causes, old?.causes, name, (one, at) => behind(at, { figure: `cause:${one.name}` }), found, old, days));
}

/** What callers wanted. @param {HTMLElement} panel @param {any} found @param {any} old @param {Days} days */
export function kindsPicture(panel, found, old, days) {
  const name = (/** @type {any} */ one) => kindName(one.name);
  return pictured(panel, counted("kinds", own.column.offered, found.kinds, old?.kinds, name, (one, at) => behind(at, { figure: `kind:${one.name}` }), found, old, days));
}

/** How each agent spent the time, and how many calls each had. @param {HTMLElement} panel @param {any} found @param {any} old @param {Days} days */
export function agentsPictures(panel, found, old, days) {
  const title = own.agent_title;
  const nameOf = (/** @type {any} */ one) => [one.agent, one.name].filter(Boolean).join(" ");
  const items = (/** @type {string} */ figure, /** @type {string} */ value) => behindItems(days, { figure, value });
  const calls = (/** @type {string} */ by, /** @type {string} */ value) => behind(days, { by, value });
  const before = new Map((old?.agents ?? []).map((/** @type {any} */ one) => [one.agent, one.calls + one.calls_out]));
  const time = {
    kind: "agent-time",
    title: own.agent_time,
    note: own.agent_time_note,
    parts: [
      { name: title.ready, colour: "var(--message)" },
      { name: title.wrap_up, colour: "var(--ringing)" },
      { name: title.paused, colour: "var(--soft)" },
      { name: title.talk, colour: "var(--accent)", isSecond: true },
      { name: title.hold, colour: "var(--menu)", isSecond: true },
    ],
    rows: found.agents.map((/** @type {any} */ one) => ({
      name: nameOf(one),
      amounts: [one.ready_seconds, one.wrap_up_seconds, one.paused_seconds, one.talk_seconds, one.hold_seconds].map((seconds) => seconds / HOUR_S),
      hrefs: [items("ready", one.agent), items("wrap-up", one.agent), items("paused", one.agent), calls("spoke", one.agent), calls("held", one.agent)],
      told: [
        nameOf(one),
        ...["ready", "wrap_up", "paused", "talk", "hold"].map((name) => `${title[name]} ${length(one[`${name}_seconds`])}`),
      ],
    })),
  };
  const numbers = {
    kind: "agent-calls",
    title: own.agent_calls,
    parts: [
      { name: title.calls, colour: "var(--accent)" },
      { name: title.calls_out, colour: "var(--menu)" },
      ...(old ? [{ name: rangeName(old), colour: "var(--soft)", isSecond: true }] : []),
    ],
    rows: found.agents.map((/** @type {any} */ one) => ({
      name: nameOf(one),
      amounts: [one.calls, one.calls_out, ...(old ? [before.get(one.agent) ?? 0] : [])],
      hrefs: [calls("spoke-in", one.agent), calls("spoke-out", one.agent), ...(old ? [behind(daysOf(old), { by: "spoke", value: one.agent })] : [])],
      told: [
        nameOf(one),
        `${title.calls} ${one.calls}`,
        `${title.calls_out} ${one.calls_out}`,
        ...(old ? [`${rangeName(old)} ${before.get(one.agent) ?? 0}`] : []),
      ],
    })),
  };
  return pictured(panel, time, numbers);
}

/** Of what the trade's table wants called back, what was and what was not, in time. @param {HTMLElement} panel @param {any} found @param {Days} days */
export function calledBackPicture(panel, found, days) {
  const column = own.service_column;
  return pictured(panel, {
    kind: "called-back",
    note: own.called_back_note,
    parts: [
      { name: column.in_time, colour: "var(--accent)" },
      { name: column.failed, colour: "var(--ringing)" },
    ],
    rows: found.called_back.map((/** @type {any} */ one) => ({
      name: kindName(one.kind),
      amounts: [one.in_time, one.failed],
      hrefs: ["called-in-time", "not-called-back"].map((figure) => behindItems(days, { figure, value: one.kind })),
      told: [
        `${kindName(one.kind)} · ${column.wanted} ${percent(one.wanted)}`,
        ...["handled", "drawn", "in_time", "failed"].map((name) => `${column[name]} ${one[name]}`),
      ],
    })),
  });
}

/** Which buildings need the most. @param {HTMLElement} panel @param {any} found @param {Days} days */
export function hotSpotsPicture(panel, found, days) {
  const column = own.service_column;
  const figures = [["repairs", "kind:repair"], ["complaints", "kind:complaint"]];
  return pictured(panel, {
    kind: "hot-spots",
    parts: [
      { name: column.repairs, colour: "var(--accent)" },
      { name: column.complaints, colour: "var(--ringing)" },
    ],
    rows: found.hot_spots.map((/** @type {any} */ one) => ({
      name: fill(own.building_n, { n: one.building }),
      amounts: [one.repairs, one.complaints],
      hrefs: figures.map(([, figure]) => behind(days, { by: "building", value: one.building, figure })),
      told: [fill(own.building_n, { n: one.building }), ...figures.map(([name]) => `${column[name]} ${one[name]}`)],
    })),
  });
}

/** What each reminder of fees brought in. @param {HTMLElement} panel @param {any} found @param {Days} days */
export function feesPicture(panel, found, days) {
  const fees = found.campaigns.filter((/** @type {any} */ one) => one.reminded_fen);
  const share = (/** @type {any} */ one) => percent(one.collected_share);
  return pictured(panel, {
    kind: "fees",
    note: fill(own.fees_orange, { goal: percent(FEES_GOAL) }),
    parts: [{ name: own.collected_share, colour: "var(--accent)" }],
    axis: (em) => sharesAxis(em),
    label: (row) => row.told[1],
    rows: fees.map((/** @type {any} */ one) => ({
      name: one.name,
      amounts: [one.collected_share],
      hrefs: [behindItems(days, { figure: "reminded", value: String(one.id) })],
      told: [one.name, share(one), `${(one.collected_fen / 100).toFixed(2)} / ${(one.reminded_fen / 100).toFixed(2)}`],
      isBad: one.collected_share < FEES_GOAL,
    })),
  });
}

/**
 * Bars of counts; of the days compared with a second one below each.
 * @param {string} kind
 * @param {string} said what is counted
 * @param {any[]} counts
 * @param {any[] | undefined} past
 * @param {(one: any) => string} nameOf
 * @param {(one: any, days: Days) => string} hrefOf
 * @param {any} found
 * @param {Old} old
 * @param {Days} days
 */
function counted(kind, said, counts, past, nameOf, hrefOf, found, old, days) {
  const before = new Map((past ?? []).map((one) => [one.name, one.calls]));
  return {
    kind,
    parts: [
      { name: old ? rangeName(found) : said, colour: "var(--accent)" },
      ...(old ? [{ name: rangeName(old), colour: "var(--soft)", isSecond: true }] : []),
    ],
    rows: counts.map((one) => ({
      name: nameOf(one),
      amounts: [one.calls, ...(old ? [before.get(one.name) ?? 0] : [])],
      hrefs: [hrefOf(one, days), ...(old ? [hrefOf(one, daysOf(old))] : [])],
      told: [`${nameOf(one)} ${one.calls}`, ...(old ? [`${rangeName(old)} ${before.get(one.name) ?? 0}`] : [])],
    })),
  };
}

/** @param {{first: string, last: string}} report */
function daysOf({ first, last }) {
  return { from: first, to: last };
}
