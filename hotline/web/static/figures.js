// @ts-check
// The figures of today, at the head of the desk.

import { at, el, svg } from "./dom.js";
import { exact, now, span } from "./times.js";
import { say, words } from "./words.js";

const ROUND = 2 * Math.PI * 15.5;
const GOAL = 0.95;

/**
 * @param {any} today
 * @param {any[]} calls those that have not ended
 */
export function showFigures(today, calls) {
  const share = today.three_rings_share;
  const waiting = calls.filter((call) => call.state === "waiting" && call.queued_at);
  const longest = Math.max(0, ...waiting.map((call) => (now() - Date.parse(call.queued_at)) / 1000));
  const p50 = today.human_seconds.p50;
  at("figures").replaceChildren(
    figure(
      words.three_rings,
      share === null ? el("span", { class: "soft" }, words.no_data) : `${percent(share)}`,
      share === null ? words.three_rings_note : `${today.within_three_rings} / ${today.offered} · ${words.three_rings_note}`,
      ring(share),
      words.formula.three_rings,
    ),
    figure(
      words.offered,
      String(today.offered),
      say(today.turned_away ? "offered_note_full" : "offered_note", today),
    ),
    figure(
      words.human_p50,
      p50 === null ? el("span", { class: "soft" }, words.no_data) : exact(p50),
      words.human_p50_note,
    ),
    figure(
      words.waiting_now,
      String(waiting.length),
      waiting.length ? say("waiting_note", { longest: span(longest) }) : words.waiting_none,
    ),
  );
}

/** @param {number} share */
function percent(share) {
  return share === 1 ? "100%" : `${(Math.floor(share * 1000) / 10).toFixed(1)}%`;
}

/**
 * @param {string} name
 * @param {Node | string} value
 * @param {string} note
 * @param {Node | null} [picture]
 * @param {string} [title]
 */
function figure(name, value, note, picture = null, title) {
  return el(
    "div",
    { class: "figure panel", title },
    picture,
    el("div", {}, el("h2", {}, name), el("p", { class: "value" }, value), el("p", { class: "soft small" }, note)),
  );
}

/** @param {number | null} share */
function ring(share) {
  const circle = { cx: 18, cy: 18, r: 15.5, fill: "none", "stroke-width": 4 };
  return svg(
    "svg",
    { viewBox: "0 0 36 36", width: 64, height: 64, class: "ring", "data-is": share !== null && share < GOAL ? "low" : "good", "aria-hidden": "true" },
    svg("circle", { ...circle, class: "track" }),
    share !== null &&
      svg("circle", {
        ...circle,
        class: "part",
        "stroke-linecap": share > 0 ? "round" : "butt",
        "stroke-dasharray": `${share * ROUND} ${ROUND}`,
        transform: "rotate(-90 18 18)",
      }),
  );
}
