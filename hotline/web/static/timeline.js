// @ts-check
// The way of one call as a picture: its stretches to scale, who spoke when, and the agents' phones.

import { el, svg } from "./dom.js";
import { between, clock, exact, now, span } from "./times.js";
import { fill, words } from "./words.js";

const LEFT = 64;
const BAR = { y: 6, height: 34 };
const LANE = { height: 9, gap: 5 };
const SHORTEST = 5; // pixels: a ring of one second must be seen in a call of ten minutes
const STEPS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800];

/**
 * @param {HTMLElement} box
 * @param {any} call
 */
export function drawTimeline(box, call) {
  if (!call.ring_start) return;
  const start = Date.parse(call.ring_start);
  const end = call.ended_at ? Date.parse(call.ended_at) : Math.max(now(), start + 1000);
  const width = Math.max(320, box.clientWidth);
  const scale = (width - LEFT - 12) / (end - start);
  const x = (/** @type {string | null} */ at) => LEFT + ((at ? Date.parse(at) : end) - start) * scale;
  const lanes = lanesOf(call);
  const axis = BAR.y + BAR.height + 10 + lanes.length * (LANE.height + LANE.gap) + 4;

  const picture = svg(
    "svg",
    { width, height: axis + 24, viewBox: `0 0 ${width} ${axis + 24}`, role: "img", "aria-label": summary(call), class: "timeline" },
    ticks(start, end, scale).map(([at, text]) => [
      svg("line", { x1: at, x2: at, y1: BAR.y, y2: axis + 4, class: "grid" }),
      svg("text", { x: at, y: axis + 18, class: "tick", "text-anchor": "middle" }, text),
    ]).flat(),
    call.timeline.map((/** @type {any} */ part) => {
      const [from, to] = [x(part.start), x(part.end)];
      const long = Math.max(SHORTEST, to - from);
      return svg(
        "g",
        { class: "part", "data-is": part.kind },
        svg("title", {}, `${words.segment[part.kind]} ${clock(part.start)} ${exact(between(part.start, part.end ?? call.ended_at))}`),
        svg("rect", { x: from, y: BAR.y, width: Math.max(1, long - 2), height: BAR.height, rx: 5 }),
        long > 44 && svg("text", { x: from + 8, y: BAR.y + BAR.height / 2 + 5 }, words.segment[part.kind]),
      );
    }),
    call.steps.filter((/** @type {any} */ step) => step.at).map((/** @type {any} */ step) =>
      svg(
        "g",
        { class: "step" },
        svg("title", {}, `${clock(step.at)} ${stepWords(step)}`),
        svg("line", { x1: x(step.at), x2: x(step.at), y1: BAR.y - 4, y2: BAR.y + BAR.height + 4 }),
        svg("circle", { cx: x(step.at), cy: BAR.y - 2, r: 4 }),
      ),
    ),
    lanes.map((lane, place) => {
      const y = BAR.y + BAR.height + 10 + place * (LANE.height + LANE.gap);
      return svg(
        "g",
        { class: "lane", "data-is": lane.kind },
        svg("text", { x: LEFT - 8, y: y + LANE.height, "text-anchor": "end", class: "tick" }, lane.name),
        svg("line", { x1: LEFT, x2: width - 12, y1: y + LANE.height / 2, y2: y + LANE.height / 2, class: "grid" }),
        lane.stretches.map((/** @type {[string, string | null]} */ [from, to]) =>
          svg("rect", { x: x(from), y, width: Math.max(3, x(to) - x(from)), height: LANE.height, rx: 3 }),
        ),
      );
    }),
  );
  box.replaceChildren(picture, legend(call), ...steps(call));
}

/** @param {any} call */
function lanesOf(call) {
  const turns = (call.transcript?.turns ?? []).filter((/** @type {any} */ turn) => turn.at);
  const spoken = (/** @type {string} */ side) =>
    turns
      .filter((/** @type {any} */ turn) => turn.side === side)
      .map((/** @type {any} */ turn) => [turn.at, later(turn.at, turn.end - turn.start)]);
  const lanes = [
    { kind: "cause", name: words.late_cause, stretches: call.legs.filter((/** @type {any} */ leg) => leg.is_cause && leg.seconds).map((/** @type {any} */ leg) => [leg.start, later(leg.start, leg.seconds)]) },
    { kind: "rings", name: words.agent_rings, stretches: call.rings.map((/** @type {any} */ ring) => [ring.began, ring.ended]) },
    { kind: "caller", name: words.side_caller, stretches: spoken("caller") },
    { kind: "agent", name: words.side_agent, stretches: spoken("agent") },
  ];
  return lanes.filter((lane) => lane.stretches.length);
}

/** @param {string} at @param {number} seconds */
function later(at, seconds) {
  return new Date(Date.parse(at) + seconds * 1000).toISOString();
}

/** @param {number} start @param {number} end @param {number} scale @returns {[number, string][]} */
function ticks(start, end, scale) {
  const step = STEPS_S.find((seconds) => seconds * 1000 * scale >= 70) ?? 3600;
  const marks = /** @type {[number, string][]} */ ([]);
  for (let at = 0; at * 1000 <= end - start; at += step) marks.push([LEFT + at * 1000 * scale, span(at)]);
  return marks;
}

/** @param {any} call */
function legend(call) {
  return el(
    "ul",
    { class: "legend" },
    call.timeline.map((/** @type {any} */ part) =>
      el(
        "li",
        { "data-is": part.kind },
        el("i", { "aria-hidden": "true" }),
        el("b", {}, words.segment[part.kind]),
        el("span", {}, clock(part.start)),
        el("span", { class: "soft" }, exact(between(part.start, part.end ?? call.ended_at))),
      ),
    ),
  );
}

/** What was heard, told and pressed in a campaign's talk, in its order. @param {any} call */
function steps(call) {
  if (!call.steps.length) return [];
  return [
    el(
      "ol",
      { class: "legend talk-steps", "aria-label": words.talk_step.title },
      call.steps.map((/** @type {any} */ step) => el("li", {}, step.at && el("span", { class: "soft" }, clock(step.at)), el("span", {}, stepWords(step)))),
    ),
  ];
}

/** @param {any} step @returns {string} */
function stepWords(step) {
  const own = words.talk_step;
  const [question, answer] = step.value.split(":");
  if (step.what === "KEY") return fill(own.key, { key: step.value, what: own.keys[step.value] ?? "" });
  if (step.what === "SURVEY") return `${own.survey[question] ?? question} ${own.answers[question]?.[answer] ?? answer}`;
  return [own[step.what] ?? step.what, own.values[`${step.what} ${step.value}`] ?? step.value].filter(Boolean).join(" ");
}

/** @param {any} call */
function summary(call) {
  return call.timeline
    .map((/** @type {any} */ part) => `${words.segment[part.kind]} ${exact(between(part.start, part.end ?? call.ended_at))}`)
    .join(words.then);
}
