// @ts-check
// The report of what agents did.

import { el } from "./dom.js";
import { earlier, exactly, length, opens, percent, table } from "./report_parts.js";
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
  const files = el(
    "span",
    { class: "more" },
    ["csv", "xlsx"].map((form) => [
      el("a", { href: `/api/v1/reports/rows?${new URLSearchParams({ ...days, what: "agents", format: form })}`, download: true }, own[form]),
      " ",
    ]).flat(),
  );
  place.replaceChildren(
    table(
      own.agents,
      [...TITLES.map((name) => own.agent_title[name]), own.column.p50],
      found.agents.map((/** @type {any} */ one) => {
        /** @type {any} */
        const past = before.get(one.agent);
        const reasons = Object.entries(one.pauses).map(([reason, seconds]) => `${words.agent_page.reason[reason] ?? reason} ${length(Number(seconds))}`);
        return [
          [one.agent, one.name].filter(Boolean).join(" "),
          el("span", {}, opens(one.calls, days, { by: "spoke-in", value: one.agent }), past && earlier(String(past.calls))),
          opens(one.calls_out, days, { by: "spoke-out", value: one.agent }),
          opens(one.talk_seconds, days, { by: "spoke", value: one.agent }, length(one.talk_seconds)),
          length(one.hold_seconds),
          length(one.wrap_up_seconds),
          length(one.ready_seconds),
          el("span", { title: reasons.join("\n") }, length(one.paused_seconds)),
          el("span", {}, opens(one.missed, days, { by: "missed", value: one.agent }), past && earlier(String(past.missed))),
          opens(one.marks, days, { by: "marked", value: one.agent }, one.mark_mean === null ? own.no_data : `${one.mark_mean} (${one.marks})`),
          percent(one.drafts_share),
          el("span", {}, percent(one.occupancy), past && earlier(percent(past.occupancy))),
          opens(one.human_seconds.p50 ?? 0, days, { by: "agent", value: one.agent, figure: "answered" }, exactly(one.human_seconds.p50)),
        ];
      }),
      files,
    ),
  );
}
