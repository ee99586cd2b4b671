// @ts-check
// What is being said, drawn while it is said: bubbles on the call's page, the last words on the desk's card.

import { el } from "./dom.js";
import { clock } from "./times.js";
import { words } from "./words.js";

/** @type {Map<string, Map<string, any>>} turns by key, by call */
const talks = new Map();

/**
 * Take what a message says of talks; gives the ids of the calls that changed.
 * @param {any} message
 * @returns {string[]}
 */
export function takeWords(message) {
  if (message.type === "snapshot") {
    const before = [...talks.keys()];
    talks.clear();
    for (const talk of message.words) merge(talk);
    return [...new Set([...before, ...talks.keys()])];
  }
  if (message.type !== "words") return [];
  if (message.is_gone) talks.delete(message.call_id);
  else merge(message);
  return [message.call_id];
}

/** @param {{call_id: string, turns: any[]}} talk */
function merge(talk) {
  const turns = talks.get(talk.call_id) ?? new Map();
  talks.set(talk.call_id, turns);
  for (const turn of talk.turns) {
    if (turn.text) turns.set(turn.key, turn);
    else turns.delete(turn.key); // it was nothing
  }
}

/** What was said so far, in the order in which it began. @param {string} id @returns {any[]} */
export function saidIn(id) {
  return [...(talks.get(id)?.values() ?? [])].sort((one, other) => Date.parse(one.at) - Date.parse(other.at));
}

/**
 * Draw a talk that is going on; each turn's bubble stays where it is while its words come.
 * @param {HTMLElement} box
 * @param {string} id
 */
export function drawLiveTalk(box, id) {
  const wasAtEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 40;
  const old = new Map([...box.querySelectorAll(".bubble[data-key]")].map((bubble) => [/** @type {HTMLElement} */ (bubble).dataset.key, bubble]));
  const bubbles = saidIn(id).map((turn) => {
    const shown = `${turn.is_final}|${turn.text}`;
    const known = /** @type {HTMLElement | undefined} */ (old.get(turn.key));
    return known?.dataset.shown === shown ? known : bubble(turn, shown);
  });
  // Words that still change are not read out; the talk is heard by whoever sits here.
  box.setAttribute("aria-live", "off");
  box.replaceChildren(el("p", { class: "soft small live-note" }, words.live_words_note), ...bubbles);
  if (wasAtEnd) box.scrollTop = box.scrollHeight;
}

/** @param {any} turn @param {string} shown */
function bubble(turn, shown) {
  return el(
    "div",
    { class: `bubble ${turn.side}${turn.is_final ? "" : " live"}`, "data-key": turn.key, "data-shown": shown },
    el("div", { class: "meta" }, el("b", {}, words[`side_${turn.side}`]), el("span", { class: "when" }, clock(turn.at))),
    el("p", {}, turn.text),
  );
}

/** The line on the desk's card: who spoke last, and what; none where nothing was said. @param {string} id */
export function lastWords(id) {
  const last = saidIn(id).at(-1);
  return last ? el("p", { class: "said small" }, el("b", {}, words[`side_${last.side}`]), " ", last.text) : null;
}
