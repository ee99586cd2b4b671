// @ts-check
// The head of a call on the agent's page: who, how far, and how long the call, the talk and a hold last.

import { isBefore } from "./agent_call.js";
import { el } from "./dom.js";
import { between, span } from "./times.js";
import { fill, words } from "./words.js";

/**
 * @param {HTMLElement} box
 * @param {import("./agent_call.js").Seated} seated
 * @param {any} talk this agent's own stretch, or nothing yet
 * @param {() => void} later leave the writing for later
 */
export function drawTimers(box, seated, talk, later) {
  const { call, phase } = seated;
  const hold = talk?.holds?.findLast((/** @type {any} */ one) => !one.ended);
  const held = (talk?.holds ?? []).reduce((/** @type {number} */ sum, /** @type {any} */ one) => sum + (one.seconds ?? 0), 0);
  box.hidden = false;
  const isOurs = phase === "dialling" || phase === "calling" || call?.direction === "outbound";
  const who = seated.pop?.salutation || seated.pop?.home?.label || seated.pop?.number || "";
  const shown = JSON.stringify([who, seated.id, phase, seated.since, call?.ring_start, call?.ended_at, talk]);
  if (box.dataset.shown === shown) return;
  box.dataset.shown = shown;
  const parts = [
    el("span", { class: "phase", "data-is": phase }, fill(words.agent_page.phase[phase], { who }).trim()),
    ...(call && (!isBefore(seated) || !isOurs) ? [timer(isOurs ? "outgoing" : "call", call.ring_start, call.ended_at)] : []),
    ...(talk ? [timer("talk", talk.began, talk.ended ?? call?.ended_at)] : phase === "ringing" ? [timer("ringing", seated.since, null)] : []),
    ...(phase === "talking" && !talk ? [timer("talk", seated.since, null)] : []),
    ...(hold ? [timer("hold", hold.began, null, "holding")] : held ? [fixed("hold", held)] : []),
    phase === "wrap-up" && el("button", { type: "button", onclick: later }, words.agent_page.later),
    el("a", { href: `/calls/${encodeURIComponent(seated.id)}`, target: "_blank", rel: "noopener" }, words.open_call),
  ];
  box.replaceChildren(...parts.filter((part) => part !== false));
}

/** @param {string} name @param {string | null} from @param {string | null} to @param {string} [kind] */
function timer(name, from, to, kind = "") {
  if (!from) return "";
  return el(
    "span",
    { class: `timer ${kind}`, role: "timer", "aria-live": "off" },
    el("small", {}, words.agent_page.timer[name]),
    el("b", { "data-since": to ? null : from, "data-form": "span" }, span(between(from, to))),
  );
}

/** @param {string} name @param {number} seconds */
function fixed(name, seconds) {
  return el("span", { class: "timer" }, el("small", {}, words.agent_page.timer[name]), el("b", {}, span(seconds)));
}
