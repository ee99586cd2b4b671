// @ts-check
// The conversation as bubbles; each knows its seconds of the recording.

import { el } from "./dom.js";
import { clock, span } from "./times.js";
import { say, words } from "./words.js";

/**
 * @param {HTMLElement} box
 * @param {any} call
 * @param {(seconds: number) => void} playFrom
 */
export function drawTalk(box, call, playFrom) {
  const transcript = call.transcript;
  if (transcript?.turns.length) {
    box.replaceChildren(
      ...transcript.turns.map((/** @type {any} */ turn) => bubble(turn, playFrom)),
      el("p", { class: "soft small" }, say("transcript_by", { engine: transcript.engine, model: transcript.model })),
    );
    return;
  }
  box.replaceChildren(el("p", { class: `empty${isComing(call) ? " coming" : ""}` }, progress(call)));
}

/** @param {any} call */
function isComing(call) {
  if (call.state !== "ended" || !call.recording) return false;
  return call.transcript ? call.transcript.state === "running" : ["pending", "finished", "cut"].includes(call.recording.state);
}

/** @param {any} call */
function progress(call) {
  if (call.state !== "ended") return words.transcript_after_call;
  if (call.transcript?.state === "failed") return words.transcript_failed;
  if (call.transcript?.state === "removed") return words.transcript_removed;
  if (call.transcript?.state === "done") return words.transcript_silent;
  if (call.transcript?.state === "running") return words.transcribing;
  return isComing(call) ? words.transcript_waiting : words.transcript_none;
}

/** @param {any} turn @param {(seconds: number) => void} playFrom */
function bubble(turn, playFrom) {
  return el(
    "div",
    { class: `bubble ${turn.side}${turn.is_unsure ? " unsure" : ""}`, "data-start": turn.start, "data-end": turn.end },
    el(
      "div",
      { class: "meta" },
      el("b", {}, words[`side_${turn.side}`]),
      el("button", { class: "when", type: "button", title: words.recording, onclick: () => playFrom(turn.start) }, "▸ ", clock(turn.at) || span(turn.start)),
      turn.is_unsure && el("span", { class: "tag", "data-is": "unsure" }, words.unsure),
    ),
    el("p", {}, ...turn.parts.map(stretch)),
  );
}

/** What was found again by its sound is marked, and says what was heard; so is a number that nobody may rely on. @param {any} part */
function stretch(part) {
  if (!part.heard && !part.is_unsure) return part.text;
  const told = part.heard ? say("mended_from", { heard: part.heard }) : words.number_unsure;
  return el("span", { class: part.is_unsure ? "doubted" : "mended", tabindex: "0", title: told, "aria-label": `${part.text}${words.then}${told}` }, part.text);
}

/**
 * Mark the turn that is being heard; the list moves along where the page stays still.
 * @param {HTMLElement} box
 * @param {number} seconds where the sound is; below 0: nowhere
 */
export function markTurn(box, seconds) {
  const bubbles = /** @type {HTMLElement[]} */ ([...box.querySelectorAll(".bubble")]);
  const now = bubbles.filter((bubble) => Number(bubble.dataset.start) <= seconds && seconds < Number(bubble.dataset.end)).at(-1);
  for (const bubble of bubbles) {
    const isNow = bubble === now;
    if (bubble.classList.contains("now") === isNow) continue;
    bubble.classList.toggle("now", isNow);
    bubble.toggleAttribute("aria-current", isNow);
    if (isNow) box.scrollTop = bubble.offsetTop - box.offsetTop - box.clientHeight / 3;
  }
}
