// @ts-check
// The report of what was done for residents: goals, call-backs, hot spots, repeats, campaigns. Every figure opens what it counts.

import { el } from "./dom.js";
import { pictureNote } from "./picture.js";
import { counted } from "./report_calls.js";
import { amiss, beside, cells, count, measure, otherOf, pairs } from "./report_compared.js";
import { files, filesWithReason, kindName, opens, opensItems, percent, table } from "./report_parts.js";
import { calledBackPicture, feesPicture, hotSpotsPicture, kindsPicture } from "./report_pictures.js";
import { fill, words } from "./words.js";

const own = words.reports;

/** @typedef {import("./report_parts.js").Days} Days */
/** @typedef {import("./report_compared.js").Other} Other */
/** @typedef {import("./report_compared.js").Figure} Figure */

/**
 * @param {HTMLElement} place
 * @param {any} found
 * @param {any} old
 * @param {Days} days
 */
export function showService(place, found, old, days) {
  const other = otherOf(found, old);
  const kinds = counted(found.kinds, old?.kinds, "kind", undefined, kindName, days, other);
  place.replaceChildren(
    goals(found, old, days, other),
    pictureNote(),
    el(
      "div",
      { class: "report-charts" },
      kindsPicture(table(own.kinds, names("kind", "calls"), kinds, files(days, "kinds")), found, old, days),
      table(own.handled, names("kind", "raised", "handled", "in_time", "share"), rows(HANDLED, found.handled, old?.handled, days, other), files(days, "handled")),
      calledBackPicture(table(
        own.called_back,
        names("kind", "wanted", "handled", "drawn", "called", "in_time", "failed", "share"),
        rows(CALLED_BACK, found.called_back, old?.called_back, days, other),
        files(days, "called-back"),
      ), found, days),
      table(own.owed, names("debt", "in_time", "late", "overdue", "share"), rows(OWED, found.owed, old?.owed, days, other), files(days, "owed")),
      hotSpotsPicture(table(
        own.hot_spots,
        names("building", "repairs", "complaints", "calls"),
        rows(HOT_SPOTS, found.hot_spots, old?.hot_spots, days, other, { isCut: found.more_hot_spots, isPastCut: old?.more_hot_spots }),
        files(days, "hot-spots"),
      ), found, days),
      feesPicture(table(own.campaigns, names("campaign", "targets", "done", "collected", "outcomes"), rows(CAMPAIGNS, found.campaigns, old?.campaigns, days, other), files(days, "campaigns")), found, days),
    ),
    table(
      own.repeats,
      names("kind", "home", "subject", "times", "entries"),
      repeats(found, old, days, other),
      analysis(days),
    ),
    ...(found.repeats.length ? [filesWithReason(days, "repeats")] : []),
  );
}

/** @param {string[]} keys */
function names(...keys) {
  return keys.map((key) => own.service_column[key]);
}

/** @param {any} found @param {any} old @param {Days} days @param {Other | null} other */
function goals(found, old, days, other) {
  const pair = (/** @type {(of: any, at: Days) => (Figure | null)[]} */ notes) => ({ now: notes(found, days), then: other && notes(old, other.days) });
  const goalOf = (/** @type {string} */ name, /** @type {(of: any) => number | null} */ share, /** @type {number | null} */ wanted, /** @type {(of: any, at: Days) => (Figure | null)[]} */ notes) =>
    goal(name, share(found), wanted, old && share(old), pair(notes), other);
  return el(
    "div",
    { class: "report-figures" },
    goalOf(own.complaints_share, (of) => of.complaints.share, 0.98, ({ complaints }, at) => {
      const complained = (/** @type {string} */ figure, /** @type {number} */ n, /** @type {string} */ said) => opensItems(n, at, { figure, value: "complaint" }, said);
      const left = complaints.raised - complaints.handled;
      return [
        count(complained("raised", complaints.raised, fill(own.of, { part: complaints.handled, whole: complaints.raised })), complaints.raised),
        amiss(complained("unhandled", left, fill(own.unhandled_n, { n: left })), left, complaints.raised),
      ];
    }),
    goalOf(own.satisfied_share, (of) => of.satisfied_share, 0.95, (of, at) => [
      count(opensItems(of.asked, at, { figure: "asked" }, fill(own.of, { part: of.satisfied, whole: of.asked })), of.asked),
      amiss(opensItems(of.asked - of.satisfied, at, { figure: "dissatisfied" }, fill(own.dissatisfied_n, { n: of.asked - of.satisfied })), of.asked - of.satisfied, of.asked),
    ]),
    goalOf(own.promises_share, (of) => of.promises.share, null, ({ promises }, at) => {
      const fallen = promises.in_time + promises.late + promises.overdue;
      return [
        count(opensItems(fallen, at, { figure: "fallen-due", value: "matter" }, fill(own.of, { part: promises.in_time, whole: fallen })), fallen),
        amiss(opensItems(promises.overdue, at, { figure: "overdue", value: "matter" }, fill(own.not_kept_n, { n: promises.overdue })), promises.overdue, fallen),
      ];
    }),
    goalOf(own.collected_share, (of) => of.collected_share, 0.9, (of, at) => {
      const fees = of.campaigns.filter((/** @type {any} */ one) => one.reminded_fen !== null);
      return [fees.length > 0 ? { shown: opensItems(1, at, { figure: "reminded" }, yuan(sum(fees, "collected_fen"), sum(fees, "reminded_fen"))) } : null];
    }),
  );
}

/**
 * The rows of a table: what tells them apart, how one is named, its figures, and one without anything.
 * @typedef {{keyOf: (one: any) => string, nameOf: (one: any) => Node | string, figures: (one: any, days: Days) => Figure[], nothing: (one: any) => any}} Rows
 */

/** @param {Rows} of @param {any[]} found @param {any[] | undefined} old @param {Days} days @param {Other | null} other @param {{isCut?: boolean, isPastCut?: boolean}} [lists] */
function rows(of, found, old, days, other, lists) {
  return pairs(found, old, of.keyOf, of.nothing, lists).map((pair) => [of.nameOf(pair[0] ?? pair[1]), ...cells(of.figures, pair, days, other)]);
}

/** @type {Rows} */
const HANDLED = {
  keyOf: ({ kind }) => kind,
  nameOf: ({ kind }) => kindName(kind),
  nothing: ({ kind }) => ({ kind, raised: 0, handled: 0, in_time: 0, share: null }),
  figures: (one, days) => {
    const matters = (/** @type {string} */ figure, /** @type {number} */ n) => opensItems(n, days, { figure, value: one.kind });
    return [
      count(matters("raised", one.raised), one.raised, one.kind === "complaint" ? "less" : undefined),
      count(matters("handled", one.handled), one.handled),
      count(matters("handled-in-time", one.in_time), one.in_time),
      measure(opensItems(one.raised, days, { figure: "raised", value: one.kind }, percent(one.share)), one.share, "more"),
    ];
  },
};

/** @type {Rows} */
const CALLED_BACK = {
  keyOf: ({ kind }) => kind,
  nameOf: ({ kind }) => kindName(kind),
  nothing: ({ kind, wanted }) => ({ kind, wanted, handled: 0, drawn: 0, called: 0, in_time: 0, failed: 0, share: null }),
  figures: (one, days) => {
    const draws = (/** @type {string} */ figure, /** @type {number} */ n) => opensItems(n, days, { figure, value: one.kind });
    return [
      { shown: percent(one.wanted) },
      count(draws("sampled", one.handled), one.handled),
      count(draws("drawn", one.drawn), one.drawn),
      count(draws("called", one.called), one.called),
      count(draws("called-in-time", one.in_time), one.in_time),
      amiss(draws("not-called-back", one.failed), one.failed, one.drawn),
      measure(opensItems(one.drawn, days, { figure: "drawn", value: one.kind }, percent(one.share)), one.share, "more"),
    ];
  },
};

/** @type {Rows} */
const OWED = {
  keyOf: ({ kind }) => kind,
  nameOf: ({ kind }) => words.follow_up_kind[kind] ?? kind,
  nothing: ({ kind }) => ({ kind, in_time: 0, late: 0, overdue: 0, share: null }),
  figures: (one, days) => {
    const debts = (/** @type {string} */ figure, /** @type {number} */ n) => opensItems(n, days, { figure, value: one.kind });
    const all = one.in_time + one.late + one.overdue;
    return [
      count(debts("done-in-time", one.in_time), one.in_time),
      amiss(debts("done-late", one.late), one.late, all),
      amiss(debts("overdue", one.overdue), one.overdue, all),
      measure(opensItems(all, days, { figure: "fallen-due", value: one.kind }, percent(one.share)), one.share, "more"),
    ];
  },
};

/** @type {Rows} */
const HOT_SPOTS = {
  keyOf: ({ building }) => building,
  nameOf: ({ building }) => building,
  nothing: ({ building }) => ({ building, repairs: 0, complaints: 0, calls: 0 }),
  figures: (one, days) => {
    const which = { by: "building", value: one.building };
    return [
      count(opens(one.repairs, days, { ...which, figure: "kind:repair" }), one.repairs),
      count(opens(one.complaints, days, { ...which, figure: "kind:complaint" }), one.complaints, "less"),
      count(opens(one.calls, days, which), one.calls),
    ];
  },
};

/** A campaign belongs to the days on which it began. @type {Rows} */
const CAMPAIGNS = {
  keyOf: ({ id }) => String(id),
  nameOf: ({ id, name }) => el("a", { href: `/campaigns#${id}` }, name),
  nothing: ({ id, name }) => ({ id, name, targets: 0, by_state: {}, by_outcome: {}, reminded_fen: null, collected_fen: null, collected_share: null }),
  figures: (one, days) => {
    const value = String(one.id);
    const outcomes = Object.entries(one.by_outcome).map(([part, n]) => [
      " ",
      opensItems(n, days, { figure: "targets-of-outcome", value, part }, `${words.campaigns.outcomes[part] ?? part} ${n}`),
    ]);
    const done = one.by_state.done ?? 0;
    return [
      count(opensItems(one.targets, days, { figure: "targets", value }), one.targets),
      count(opensItems(done, days, { figure: "targets-of-state", value, part: "done" }), done),
      one.reminded_fen === null ? { shown: "—" } : measure(opensItems(1, days, { figure: "reminded", value }, `${yuan(one.collected_fen, one.reminded_fen)} · ${percent(one.collected_share)}`), one.collected_share, "more"),
      { shown: el("span", {}, ...(outcomes.length ? outcomes : ["—"])) },
    ];
  },
};

/** Of what came too seldom to be listed in one range the number is not known there. @param {any} found @param {any} old @param {Days} days @param {Other | null} other */
function repeats(found, old, days, other) {
  const both = pairs(found.repeats, old?.repeats, ({ kind, home, subject }) => [kind, home, subject].join("\n"), (one) => one, { isCut: true, isPastCut: true });
  return both.map((pair) => {
    const one = pair[0] ?? pair[1];
    return [kindName(one.kind), one.home, one.subject, ...cells(repeat, pair, days, other)];
  });
}

/** @param {any} one @param {Days} days @returns {Figure[]} */
function repeat(one, days) {
  const entries = one.entries.map((/** @type {number} */ n, /** @type {number} */ place) => [" ", entry(n, one.calls[place])]).flat();
  return [
    count(opensItems(one.times, days, { figure: "repeat", value: String(one.entries[0]) }, fill(own.times_n, { n: one.times })), one.times, "less"),
    { shown: el("span", {}, entries) },
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
 * @param {number | null} old
 * @param {{now: (Figure | null)[], then: (Figure | null)[] | null}} notes
 * @param {Other | null} other
 */
function goal(name, share, wanted, old, notes, other) {
  const missed = wanted !== null && share !== null && share < wanted;
  const told = notes.now.map((one, place) => one ?? (notes.then?.[place] ? { shown: own.no_data } : null));
  const shown = told.flatMap((one, place) => (one ? [beside(one, notes.then && (notes.then[place] ?? { shown: own.no_data }), other)] : []));
  return el(
    "div",
    { class: "panel" },
    el("h2", {}, name),
    el("p", { class: missed ? "value late" : "value" }, beside(measure(percent(share), share, "more"), other && measure(percent(old), old), other)),
    ...shown.map((one) => el("p", { class: "soft small" }, one)),
    wanted !== null && el("p", { class: "soft small" }, fill(own.goal, { n: `${Math.round(wanted * 100)}%` })),
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
