// @ts-check
// A call in progress, as a card that walks through the states.

import { el } from "./dom.js";
import { between, clock, exact, span } from "./times.js";
import { agentName, lateBecause, requestOf } from "./lateness.js";
import { say, words } from "./words.js";

const STEPS = ["ringing", "answered", "in-menu", "waiting", "talking"];
/** @type {Record<string, string>} */
const STANDS_AS = { "leaving-message": "waiting", calling: "ringing", "turned-away": "answered" };
const THREE_RINGS_S = 11;
const HUMAN_WITHIN_S = 20;

/**
 * @param {any} call
 * @param {Record<string, string>} names an agent's extension to the name
 */
export function callCard(call, names) {
  const isOver = call.state === "ended";
  const rings = call.rings.find((/** @type {any} */ ring) => !ring.ended);
  return el(
    "a",
    {
      class: "card",
      href: `/calls/${encodeURIComponent(call.id)}`,
      "data-id": call.id,
      "data-is": call.state,
      "data-alarm": call.is_emergency,
    },
    el(
      "div",
      { class: "card-head" },
      el("strong", { class: "number" }, call.number || words.withheld),
      el(
        "span",
        { class: "who" },
        call.resident
          ? [call.resident.home && el("b", {}, call.resident.home), " ", call.resident.name]
          : el("span", { class: "soft" }, words.unknown_person),
        call.resident?.is_elderly_alone && el("span", { class: "tag alarm" }, words.elderly_alone),
        call.is_emergency && el("span", { class: "tag alarm" }, words.fact.emergency),
      ),
      el("time", { class: "soft" }, clock(call.ring_start)),
    ),
    steps(call, names),
    el(
      "div",
      { class: "card-foot" },
      // Both clocks are promises to who calls us; nobody waits in a call of ours.
      call.direction !== "outbound" && timer("clock_answer", call.ring_start, call.switch_answer ?? call.ended_at, call.switch_answer, THREE_RINGS_S),
      timer("clock_human", call.ring_start, call.human_answer ?? call.ended_at, call.human_answer, call.direction === "outbound" ? undefined : HUMAN_WITHIN_S),
      el("span", { class: "now" }, isOver ? outcome(call) : whatNow(call, rings)),
    ),
    call.late && el("p", { class: "late small" }, lateBecause(call)),
  );
}

/** Whom to name when a call is spoken of. @param {any} call */
export function who(call) {
  return [call.resident?.home, call.resident?.name || call.number || words.withheld].filter(Boolean).join(" ");
}

/** Set every running timer below this element to now. @param {Element} root */
export function tick(root) {
  for (const running of root.querySelectorAll("[data-since]")) {
    const since = /** @type {HTMLElement} */ (running).dataset;
    const seconds = between(String(since.since));
    running.textContent = since.form === "span" ? span(seconds) : exact(seconds);
    if (since.limit) running.classList.toggle("late", seconds > Number(since.limit));
  }
}

/** @param {any} call @param {Record<string, string>} names */
function steps(call, names) {
  const here = STANDS_AS[call.state] ?? call.state;
  const reached = new Set(["ringing"]);
  if (call.switch_answer) reached.add("answered");
  if (call.menu_path.length || call.request || call.state === "in-menu") reached.add("in-menu");
  if (call.queued_at || call.is_emergency) reached.add("waiting");
  if (call.human_answer) reached.add("talking");
  const menu = words.kind[call.request] ?? requestOf(call);
  return el(
    "ol",
    { class: "steps" },
    STEPS.map((step, place) =>
      el(
        "li",
        {
          "data-is": step,
          class: step === here ? "here" : reached.has(step) ? "done" : null,
          "aria-current": step === here ? "step" : null,
        },
        el("span", {}, words.steps[place]),
        step === "in-menu" && menu && el("small", {}, menu),
        step === "waiting" && call.queue && el("small", {}, words.queue[call.queue] ?? call.queue),
        step === "talking" && call.agent && el("small", {}, names[call.agent] || (words.duty[call.agent] ?? call.agent)),
      ),
    ),
  );
}

/**
 * One of the two clocks: running from ring start until it stops.
 * @param {string} name
 * @param {string} start
 * @param {string | null} stop
 * @param {string | null} reached what stopped it well; without, it stopped because the caller left
 * @param {number} [limit]
 */
function timer(name, start, stop, reached, limit) {
  const seconds = stop ? between(start, stop) : 0;
  const isLate = stop && limit && seconds > limit;
  return el(
    "span",
    { class: `timer${reached ? " stopped" : ""}`, title: words[`${name}_long`] },
    el("small", {}, words[name]),
    stop && !reached
      ? el("b", {}, words.none)
      : el(
          "b",
          { class: isLate ? "late" : null, "data-since": stop ? null : start, "data-limit": stop ? null : limit },
          exact(stop ? seconds : between(start)),
        ),
  );
}

/** @param {any} call @param {any} ring */
function whatNow(call, ring) {
  if (call.state === "talking") {
    return [words.state.talking, " ", el("b", { "data-since": call.human_answer, "data-form": "span" }, span(between(call.human_answer)))];
  }
  if (call.state === "leaving-message") return words.state[call.state];
  if (ring) return say("ringing_agent", { agent: agentName(ring.agent) });
  if (call.without_service) return words.without_service[call.without_service] ?? call.without_service;
  return words.state[call.state];
}

/** @param {any} call */
function outcome(call) {
  return el("span", { class: "tag", "data-is": call.outcome ?? "ended" }, words.outcome[call.outcome] ?? words.state.ended);
}
