// @ts-check
// The page of quality. Supervisors: the week's sample, reviews, calibrations, the rules. Agents: their own reviews.

import { ask } from "./ask.js";
import { at, el } from "./dom.js";
import { listen } from "./live.js";
import { showCalibrations } from "./quality_calibration.js";
import { openReview } from "./quality_review.js";
import { showRules } from "./quality_rules.js";
import { showReviews } from "./quality_reviews.js";
import { dayAndClock, span } from "./times.js";
import { fill, words } from "./words.js";

const own = words.quality;
const DAY = 86_400_000;
const page = at("quality");
const isHead = page.dataset.head === "true";
const kept = new URLSearchParams(location.search);
const state = { tab: kept.get("tab") ?? "sample", week: kept.get("week") ?? page.dataset.today ?? "", open: Number(kept.get("review") ?? 0), asked: 0 };

/** @typedef {{ open: (id: number) => void, begin: (body: any) => void, again: () => void, refused: (wrong: unknown) => void }} Desk */
/** @type {Desk} */
const desk = { open, begin, again: show, refused };
const hooks = {
  changed: show,
  closed: () => {
    state.open = 0;
    keep();
    markOpen();
  },
  refused,
};

/** @param {unknown} wrong null: nothing is wrong any more */
function refused(wrong) {
  const box = at("refused");
  box.hidden = !wrong;
  if (wrong) box.textContent = own.refused[/** @type {Error} */ (wrong).message] ?? own.refused.other;
}

async function show() {
  const mine = ++state.asked;
  page.dataset.state = "loading";
  try {
    const drawn = isHead ? await TABS[/** @type {keyof typeof TABS} */ (state.tab)]() : await showReviews(desk, { isHead });
    if (mine !== state.asked) return;
    at("listed").replaceChildren(...drawn);
    at("note").textContent = "";
    markOpen();
    page.dataset.state = "shown";
  } catch (wrong) {
    if (mine !== state.asked) return;
    at("note").textContent = own.failed;
    page.dataset.state = "failed";
  }
}

const TABS = {
  sample: showSample,
  reviews: () => showReviews(desk, { isHead }),
  calibration: () => showCalibrations(desk, state.week),
  rules: () => showRules(desk),
};

async function showSample() {
  const sample = await ask(`/api/v1/quality/sample?week=${state.week}`);
  const next = sample.calls.find((/** @type {any} */ call) => !call.reviews.length);
  const progress = fill(own.progress, { done: sample.done, all: sample.calls.length, could: sample.could });
  return [
    el(
      "div",
      { class: "week" },
      el("button", { type: "button", onclick: () => turn(sample.week, -7) }, `‹ ${own.earlier}`),
      el("b", { class: "number", id: "week" }, fill(own.week, { first: sample.week, last: sample.last })),
      el("button", { type: "button", onclick: () => turn(sample.week, 7), disabled: sample.last >= (page.dataset.today ?? "") }, `${own.later} ›`),
      el("progress", { max: Math.max(1, sample.calls.length), value: sample.done, "aria-label": own.progress_label }),
      el("span", { class: "number", id: "progress" }, progress),
      next && el("button", { type: "button", class: "primary", id: "next", onclick: () => begin({ call_id: next.call_id, agent: next.agent }) }, own.next),
    ),
    sample.calls.length ? table(sample.calls) : el("p", { class: "empty" }, own.sample_none),
    shares(sample),
  ];
}

/** @param {any[]} calls */
function table(calls) {
  const names = own.columns;
  const heads = [names.time, names.agent, names.kind, names.talk, names.why, names.score, names.review];
  return el(
    "div",
    { class: "scroll" },
    el("table", {}, el("thead", {}, el("tr", {}, heads.map((name) => el("th", { scope: "col" }, name)))), el("tbody", {}, calls.map(row))),
  );
}

/** @param {any} call */
function row(call) {
  const shown = call.reviews.filter((/** @type {any} */ one) => one.score !== null);
  return el(
    "tr",
    { "data-call": call.call_id, "data-reviews": call.reviews.map((/** @type {any} */ one) => one.id).join(" ") },
    el("td", { class: "time" }, el("a", { href: `/calls/${encodeURIComponent(call.call_id)}` }, dayAndClock(call.rang_at))),
    el("td", {}, call.agent_name ? `${call.agent_name} ${call.agent}` : call.agent),
    el("td", {}, words.kind[call.kind] ?? own.none),
    el("td", { class: "number" }, span(call.talk_seconds)),
    el("td", {}, call.why.map((/** @type {string} */ rule) => el("span", { class: "tag" }, ruleName(rule))), call.sound !== "whole" && el("span", { class: "tag", "data-is": "no-sound", title: own.no_sound_hint }, own.no_sound[call.sound])),
    el("td", { class: "number" }, shown.length ? shown.map((/** @type {any} */ one) => one.score).join(" / ") : own.none),
    el("td", {}, call.reviews.length ? call.reviews.map(reviewButton) : el("button", { type: "button", "data-do": "begin", onclick: () => begin({ call_id: call.call_id, agent: call.agent }) }, own.begin)),
  );
}

/** @param {any} one */
function reviewButton(one) {
  if (one.is_mine || one.score !== null) return el("button", { type: "button", onclick: () => open(one.id) }, one.state === "draft" ? own.continue : `${own.open} · ${own.state[one.state]}`);
  return el("span", { class: "soft" }, one.state === "draft" ? fill(own.by_other, { name: one.reviewer_name }) : own.state[one.state]);
}

/** @param {any} sample */
function shares(sample) {
  const names = own.share_columns;
  return el(
    "details",
    {},
    el("summary", {}, own.shares),
    el("p", { class: "soft small" }, fill(own.seed, { seed: sample.seed })),
    el(
      "table",
      {},
      el("thead", {}, el("tr", {}, [names.rule, names.percent, names.calls, names.drawn].map((name) => el("th", { scope: "col" }, name)))),
      el("tbody", {}, sample.strata.map((/** @type {any} */ one) => el("tr", {}, el("td", {}, ruleName(one.stratum)), el("td", { class: "number" }, `${one.percent}%`), el("td", { class: "number" }, one.calls), el("td", { class: "number" }, one.drawn)))),
    ),
  );
}

/** @param {string} stratum "agent:8001" @returns {string} 坐席 8001 */
function ruleName(stratum) {
  const [by, value = ""] = stratum.split(":");
  return [own.by[by] ?? by, words.kind[value] ?? words.outcome[value] ?? value].filter(Boolean).join(" ");
}

/** @param {string} week @param {number} days */
function turn(week, days) {
  state.week = new Date(Date.parse(week) + days * DAY).toISOString().slice(0, 10);
  keep();
  show();
}

/** @param {any} body */
async function begin(body) {
  try {
    const review = await ask("/api/v1/quality/reviews", body);
    draw(review);
    await show();
  } catch (wrong) {
    refused(wrong);
    show();
  }
}

/** @param {number} id */
async function open(id) {
  try {
    draw(await ask(`/api/v1/quality/reviews/${id}`));
  } catch (wrong) {
    refused(wrong);
  }
}

/** @param {any} review */
function draw(review) {
  refused(null);
  state.open = review.id;
  keep();
  openReview(at("review"), review, hooks);
  markOpen();
}

function markOpen() {
  for (const row of at("listed").querySelectorAll("tr[data-reviews]")) {
    const ids = (row instanceof HTMLElement ? (row.dataset.reviews ?? "") : "").split(" ");
    if (state.open && ids.includes(String(state.open))) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
  }
}

/** What is looked at stands in the address, without what is said in it. */
function keep() {
  const asked = new URLSearchParams(isHead ? { tab: state.tab, week: state.week } : {});
  if (state.open) asked.set("review", String(state.open));
  history.replaceState(null, "", `?${asked}`);
}

function press() {
  if (!(state.tab in TABS)) state.tab = "sample";
  for (const button of page.querySelectorAll("[data-tab]")) {
    button.setAttribute("aria-pressed", String(button instanceof HTMLElement && button.dataset.tab === state.tab));
  }
}

for (const button of page.querySelectorAll("[data-tab]")) {
  button.addEventListener("click", () => {
    state.tab = /** @type {HTMLElement} */ (button).dataset.tab ?? "sample";
    press();
    keep();
    show();
  });
}
/** What was last told to wait; a list in which nobody writes is read again when that changes. */
let waiting = "";
listen((message) => {
  if (!message.reviews) return;
  const told = JSON.stringify(message.reviews);
  if (waiting && told !== waiting && (!isHead || state.tab === "sample")) show();
  waiting = told;
});
press();
show();
if (state.open) open(state.open);
