// @ts-check
// The report of what was done for residents: goals, call-backs, hot spots, repeats, campaigns.

import { el } from "./dom.js";
import { earlier, kindName, opens, percent, table } from "./report_parts.js";
import { fill, words } from "./words.js";

const own = words.reports;

/**
 * @param {HTMLElement} place
 * @param {any} found
 * @param {any} old
 * @param {import("./report_parts.js").Days} days
 */
export function showService(place, found, old, days) {
  const column = own.service_column;
  const names = (/** @type {string[]} */ ...keys) => keys.map((key) => column[key]);
  const behindOf = (/** @type {string} */ figure, /** @type {string} */ kind, /** @type {number} */ n) => opens(n, days, { figure: `${figure}:${kind}` });
  const owed = (/** @type {any} */ one) => fill(own.of, { part: one.in_time, whole: one.in_time + one.late + one.overdue });
  place.replaceChildren(
    el(
      "div",
      { class: "report-figures" },
      goal(own.complaints_share, found.complaints.share, 0.98, old?.complaints.share, fill(own.of, { part: found.complaints.handled, whole: found.complaints.raised })),
      goal(own.satisfied_share, found.satisfied_share, 0.95, old?.satisfied_share, fill(own.of, { part: found.satisfied, whole: found.asked })),
      goal(own.promises_share, found.promises.share, null, old?.promises.share, owed(found.promises)),
      goal(own.collected_share, found.collected_share, 0.9, old?.collected_share, ""),
    ),
    el(
      "div",
      { class: "report-charts" },
      table(own.kinds, names("kind", "calls"), found.kinds.map((/** @type {any} */ one) => [kindName(one.name), opens(one.calls, days, { figure: `kind:${one.name}` })])),
      table(
        own.handled,
        names("kind", "raised", "handled", "in_time", "share"),
        found.handled.map((/** @type {any} */ one) => [kindName(one.kind), behindOf("raised", one.kind, one.raised), behindOf("handled", one.kind, one.handled), one.in_time, percent(one.share)]),
      ),
      table(
        own.called_back,
        names("kind", "wanted", "handled", "drawn", "in_time", "failed", "share"),
        found.called_back.map((/** @type {any} */ one) => [kindName(one.kind), percent(one.wanted), one.handled, one.drawn, one.in_time, behindOf("not-called-back", one.kind, one.failed), percent(one.share)]),
      ),
      table(
        own.owed,
        names("kind", "in_time", "late", "overdue", "share"),
        found.owed.map((/** @type {any} */ one) => [words.follow_up_kind[one.kind] ?? one.kind, behindOf("done-in-time", one.kind, one.in_time), behindOf("done-late", one.kind, one.late), behindOf("overdue", one.kind, one.overdue), percent(one.share)]),
      ),
      table(
        own.hot_spots,
        names("building", "repairs", "complaints", "calls"),
        found.hot_spots.map((/** @type {any} */ one) => {
          const which = { by: "building", value: one.building };
          return [
            one.building,
            opens(one.repairs, days, { ...which, figure: "kind:repair" }),
            opens(one.complaints, days, { ...which, figure: "kind:complaint" }),
            opens(one.calls, days, which),
          ];
        }),
      ),
      table(
        own.campaigns,
        names("campaign", "targets", "done", "collected", "outcomes"),
        found.campaigns.map((/** @type {any} */ one) => [
          el("a", { href: `/campaigns#${one.id}` }, one.name),
          one.targets,
          one.by_state.done ?? 0,
          one.reminded_fen === null ? "—" : `${(one.collected_fen / 100).toFixed(2)} / ${(one.reminded_fen / 100).toFixed(2)} · ${percent(one.collected_share)}`,
          Object.entries(one.by_outcome).map(([name, n]) => `${words.campaigns.outcomes[name] ?? name} ${n}`).join(" · "),
        ]),
      ),
    ),
    table(
      own.repeats,
      names("kind", "home", "subject", "times", "entries"),
      found.repeats.map((/** @type {any} */ one) => [
        kindName(one.kind),
        one.home,
        one.subject,
        fill(own.times_n, { n: one.times }),
        el("span", {}, one.entries.map((/** @type {number} */ n, /** @type {number} */ place) => [" ", entry(n, one.calls[place])]).flat()),
      ]),
    ),
  );
}

/**
 * @param {string} name
 * @param {number | null} share
 * @param {number | null} wanted
 * @param {number | null | undefined} old
 * @param {string} note
 */
function goal(name, share, wanted, old, note) {
  const missed = wanted !== null && share !== null && share < wanted;
  return el(
    "div",
    { class: "panel" },
    el("h2", {}, name),
    el("p", { class: missed ? "value late" : "value" }, percent(share), old !== undefined && earlier(percent(old))),
    el("p", { class: "soft small" }, [note, wanted !== null && fill(own.goal, { n: `${Math.round(wanted * 100)}%` })].filter(Boolean).join(" · ")),
  );
}

/** @param {number} n @param {string} call */
function entry(n, call) {
  return call ? el("a", { href: `/calls/${encodeURIComponent(call)}` }, `№${n}`) : `№${n}`;
}
