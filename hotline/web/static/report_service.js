// @ts-check
// The report of what was done for residents: goals, call-backs, hot spots, repeats, campaigns. Every figure opens what it counts.

import { el } from "./dom.js";
import { pictureNote } from "./picture.js";
import { earlier, files, filesWithReason, kindName, opens, opensItems, percent, table } from "./report_parts.js";
import { calledBackPicture, feesPicture, hotSpotsPicture, kindsPicture } from "./report_pictures.js";
import { fill, words } from "./words.js";

const own = words.reports;

/** @typedef {import("./report_parts.js").Days} Days */

/**
 * @param {HTMLElement} place
 * @param {any} found
 * @param {any} old
 * @param {Days} days
 */
export function showService(place, found, old, days) {
  place.replaceChildren(
    goals(found, old, days),
    pictureNote(),
    el(
      "div",
      { class: "report-charts" },
      kindsPicture(table(own.kinds, names("kind", "calls"), found.kinds.map((/** @type {any} */ one) => [kindName(one.name), opens(one.calls, days, { figure: `kind:${one.name}` })]), files(days, "kinds")), found, old, days),
      table(own.handled, names("kind", "raised", "handled", "in_time", "share"), found.handled.map((/** @type {any} */ one) => handled(one, days)), files(days, "handled")),
      calledBackPicture(table(
        own.called_back,
        names("kind", "wanted", "handled", "drawn", "called", "in_time", "failed", "share"),
        found.called_back.map((/** @type {any} */ one) => calledBack(one, days)),
        files(days, "called-back"),
      ), found, days),
      table(own.owed, names("debt", "in_time", "late", "overdue", "share"), found.owed.map((/** @type {any} */ one) => owed(one, days)), files(days, "owed")),
      hotSpotsPicture(table(own.hot_spots, names("building", "repairs", "complaints", "calls"), found.hot_spots.map((/** @type {any} */ one) => hotSpot(one, days)), files(days, "hot-spots")), found, days),
      feesPicture(table(own.campaigns, names("campaign", "targets", "done", "collected", "outcomes"), found.campaigns.map((/** @type {any} */ one) => campaign(one, days)), files(days, "campaigns")), found, days),
    ),
    table(own.repeats, names("kind", "home", "subject", "times", "entries"), found.repeats.map((/** @type {any} */ one) => repeat(one, days)), analysis(days)),
    ...(found.repeats.length ? [filesWithReason(days, "repeats")] : []),
  );
}

/** @param {string[]} keys */
function names(...keys) {
  return keys.map((key) => own.service_column[key]);
}

/** @param {any} found @param {any} old @param {Days} days */
function goals(found, old, days) {
  const { complaints, promises } = found;
  const fallen = promises.in_time + promises.late + promises.overdue;
  const fees = found.campaigns.filter((/** @type {any} */ one) => one.reminded_fen !== null);
  const complained = (/** @type {string} */ figure, /** @type {number} */ n, /** @type {string} */ said) => opensItems(n, days, { figure, value: "complaint" }, said);
  return el(
    "div",
    { class: "report-figures" },
    goal(own.complaints_share, complaints.share, 0.98, old?.complaints.share, [
      complained("raised", complaints.raised, fill(own.of, { part: complaints.handled, whole: complaints.raised })),
      complained("unhandled", complaints.raised - complaints.handled, fill(own.unhandled_n, { n: complaints.raised - complaints.handled })),
    ]),
    goal(own.satisfied_share, found.satisfied_share, 0.95, old?.satisfied_share, [
      opensItems(found.asked, days, { figure: "asked" }, fill(own.of, { part: found.satisfied, whole: found.asked })),
      opensItems(found.asked - found.satisfied, days, { figure: "dissatisfied" }, fill(own.dissatisfied_n, { n: found.asked - found.satisfied })),
    ]),
    goal(own.promises_share, promises.share, null, old?.promises.share, [
      opensItems(fallen, days, { figure: "fallen-due", value: "matter" }, fill(own.of, { part: promises.in_time, whole: fallen })),
      opensItems(promises.overdue, days, { figure: "overdue", value: "matter" }, fill(own.not_kept_n, { n: promises.overdue })),
    ]),
    goal(own.collected_share, found.collected_share, 0.9, old?.collected_share, [
      fees.length > 0 && opensItems(1, days, { figure: "reminded" }, yuan(sum(fees, "collected_fen"), sum(fees, "reminded_fen"))),
    ]),
  );
}

/** @param {any} one @param {Days} days */
function handled(one, days) {
  const matters = (/** @type {string} */ figure, /** @type {number} */ n) => opensItems(n, days, { figure, value: one.kind });
  return [kindName(one.kind), matters("raised", one.raised), matters("handled", one.handled), matters("handled-in-time", one.in_time), percent(one.share)];
}

/** @param {any} one @param {Days} days */
function calledBack(one, days) {
  const draws = (/** @type {string} */ figure, /** @type {number} */ n) => opensItems(n, days, { figure, value: one.kind });
  return [
    kindName(one.kind),
    percent(one.wanted),
    draws("sampled", one.handled),
    draws("drawn", one.drawn),
    draws("called", one.called),
    draws("called-in-time", one.in_time),
    draws("not-called-back", one.failed),
    percent(one.share),
  ];
}

/** @param {any} one @param {Days} days */
function owed(one, days) {
  const debts = (/** @type {string} */ figure, /** @type {number} */ n) => opensItems(n, days, { figure, value: one.kind });
  return [words.follow_up_kind[one.kind] ?? one.kind, debts("done-in-time", one.in_time), debts("done-late", one.late), debts("overdue", one.overdue), percent(one.share)];
}

/** @param {any} one @param {Days} days */
function hotSpot(one, days) {
  const which = { by: "building", value: one.building };
  return [
    one.building,
    opens(one.repairs, days, { ...which, figure: "kind:repair" }),
    opens(one.complaints, days, { ...which, figure: "kind:complaint" }),
    opens(one.calls, days, which),
  ];
}

/** @param {any} one @param {Days} days */
function campaign(one, days) {
  const value = String(one.id);
  const outcomes = Object.entries(one.by_outcome).map(([part, n]) => [
    " ",
    opensItems(n, days, { figure: "targets-of-outcome", value, part }, `${words.campaigns.outcomes[part] ?? part} ${n}`),
  ]);
  return [
    el("a", { href: `/campaigns#${one.id}` }, one.name),
    opensItems(one.targets, days, { figure: "targets", value }),
    opensItems(one.by_state.done ?? 0, days, { figure: "targets-of-state", value, part: "done" }),
    one.reminded_fen === null ? "—" : opensItems(1, days, { figure: "reminded", value }, `${yuan(one.collected_fen, one.reminded_fen)} · ${percent(one.collected_share)}`),
    el("span", {}, outcomes.flat()),
  ];
}

/** @param {any} one @param {Days} days */
function repeat(one, days) {
  return [
    kindName(one.kind),
    one.home,
    one.subject,
    opensItems(one.times, days, { figure: "repeat", value: String(one.entries[0]) }, fill(own.times_n, { n: one.times })),
    el("span", {}, one.entries.map((/** @type {number} */ n, /** @type {number} */ place) => [" ", entry(n, one.calls[place])]).flat()),
  ];
}

/** The quarter in which the days end, as its written analysis. @param {Days} days */
function analysis(days) {
  const quarter = `${days.to.slice(0, 4)}-Q${Math.ceil(Number(days.to.slice(5, 7)) / 3)}`;
  return el("span", { class: "more" }, " ", el("a", { href: `/api/v1/reports/quarter.pdf?quarter=${quarter}`, download: true }, `${own.quarter_pdf} ${quarter}`));
}

/**
 * @param {string} name
 * @param {number | null} share
 * @param {number | null} wanted
 * @param {number | null | undefined} old
 * @param {(Node | false)[]} notes
 */
function goal(name, share, wanted, old, notes) {
  const missed = wanted !== null && share !== null && share < wanted;
  const told = [...notes, wanted !== null && fill(own.goal, { n: `${Math.round(wanted * 100)}%` })].filter(Boolean);
  return el(
    "div",
    { class: "panel" },
    el("h2", {}, name),
    el("p", { class: missed ? "value late" : "value" }, percent(share), old !== undefined && earlier(percent(old))),
    el("p", { class: "soft small" }, told.flatMap((one, place) => (place ? [" · ", one] : [one]))),
  );
}

/** @param {any[]} many @param {string} name @returns {number} */
function sum(many, name) {
  return many.reduce((total, one) => total + one[name], 0);
}

/** @param {number} part @param {number} whole both in fen */
function yuan(part, whole) {
  return `${(part / 100).toFixed(2)} / ${(whole / 100).toFixed(2)}`;
}

/** @param {number} n @param {string} call */
function entry(n, call) {
  return call ? el("a", { href: `/calls/${encodeURIComponent(call)}` }, `№${n}`) : `№${n}`;
}
