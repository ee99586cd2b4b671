// @ts-check
// The report of what agents did.

import { el } from "./dom.js";
import { pictureNote } from "./picture.js";
import { earlier, exactly, files, length, opens, opensItems, percent, table } from "./report_parts.js";
import { agentsPictures } from "./report_pictures.js";
import { words } from "./words.js";

const own = words.reports;
const TITLES = ["agent", "calls", "calls_out", "talk", "hold", "wrap_up", "ready", "paused", "missed", "mark_mean", "drafts", "occupancy"];

/**
 * @param {HTMLElement} place
 * @param {any} found
 * @param {any} old
 * @param {import("./report_parts.js").Days} days
 */
export function showAgents(place, found, old, days) {
  const before = new Map((old?.agents ?? []).map((/** @type {any} */ one) => [one.agent, one]));
  place.replaceChildren(
    pictureNote(),
    agentsPictures(table(
      own.agents,
      [...TITLES.map((name) => own.agent_title[name]), own.column.p50],
      found.agents.map((/** @type {any} */ one) => row(one, before.get(one.agent), days)),
      files(days, "agents"),
    ), found, old, days),
  );
}

/**
 * @param {any} one
 * @param {any} past
 * @param {import("./report_parts.js").Days} days
 */
function row(one, past, days) {
  const value = one.agent;
  const time = (/** @type {string} */ figure, /** @type {number} */ seconds) => opensItems(seconds, days, { figure, value }, length(seconds));
  return [
    [one.agent, one.name].filter(Boolean).join(" "),
    el("span", {}, opens(one.calls, days, { by: "spoke-in", value }), past && earlier(String(past.calls))),
    opens(one.calls_out, days, { by: "spoke-out", value }),
    opens(one.talk_seconds, days, { by: "spoke", value }, length(one.talk_seconds)),
    opens(one.hold_seconds, days, { by: "held", value }, length(one.hold_seconds)),
    time("wrap-up", one.wrap_up_seconds),
    time("ready", one.ready_seconds),
    el("span", {}, time("paused", one.paused_seconds), pauses(one, days)),
    el("span", {}, opensItems(one.missed, days, { figure: "missed", value }), past && earlier(String(past.missed))),
    opens(one.marks, days, { by: "marked", value }, one.mark_mean === null ? own.no_data : `${one.mark_mean} (${one.marks})`),
    el(
      "span",
      {},
      opensItems(one.drafts_kept + one.drafts_changed, days, { figure: "drafts", value }, percent(one.drafts_share)),
      one.drafts_changed > 0 && el("small", {}, " ", opensItems(one.drafts_changed, days, { figure: "drafts-changed", value })),
    ),
    el(
      "span",
      {},
      opensItems(one.ready_seconds + one.wrap_up_seconds, days, { figure: "at-desk", value }, percent(one.occupancy)),
      past && earlier(percent(past.occupancy)),
    ),
    opens(one.human_seconds.p50 ?? 0, days, { by: "agent", value, figure: "answered" }, exactly(one.human_seconds.p50)),
  ];
}

/** Each reason of the pauses, with its time. @param {any} one @param {import("./report_parts.js").Days} days */
function pauses(one, days) {
  return Object.entries(one.pauses).map(([part, seconds]) =>
    el(
      "small",
      { class: "reason" },
      opensItems(Number(seconds), days, { figure: "paused", value: one.agent, part }, `${words.agent_page.reason[part] ?? part} ${length(Number(seconds))}`),
    ),
  );
}
