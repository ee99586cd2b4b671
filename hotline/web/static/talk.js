// @ts-check
// The conversation as bubbles, and the sound of both sides.

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
  if (call.transcript?.state === "done") return words.transcript_silent;
  if (call.transcript?.state === "running") return words.transcribing;
  return isComing(call) ? words.transcript_waiting : words.transcript_none;
}

/** @param {any} turn @param {(seconds: number) => void} playFrom */
function bubble(turn, playFrom) {
  return el(
    "div",
    { class: `bubble ${turn.side}${turn.is_unsure ? " unsure" : ""}` },
    el(
      "div",
      { class: "meta" },
      el("b", {}, words[`side_${turn.side}`]),
      el("button", { class: "when", type: "button", title: words.recording, onclick: () => playFrom(turn.start) }, "▸ ", clock(turn.at) || span(turn.start)),
      turn.is_unsure && el("span", { class: "tag", "data-is": "unsure" }, words.unsure),
    ),
    el("p", {}, turn.text),
  );
}

/**
 * The players of both sides. They stay as they are while what can be played stays the same.
 * @param {HTMLElement} box
 * @param {any} call
 */
export function drawRecording(box, call) {
  const sides = call.recording?.sides ?? [];
  const none = call.recording_refused ? words.refused_recording : words.no_recording;
  const state = call.recording ? words.recording_state[call.recording.state] ?? "" : none;
  const shown = `${sides.join()}|${state}`;
  if (box.dataset.shown === shown) return;
  box.dataset.shown = shown;
  box.replaceChildren(
    ...(state ? [el("p", { class: "soft" }, state)] : []),
    ...sides.map((/** @type {string} */ side) =>
      el(
        "label",
        { class: "player", "data-is": side },
        el("span", {}, words[`recording_${side}`]),
        el("audio", {
          controls: true,
          preload: "none",
          src: `/api/v1/calls/${encodeURIComponent(call.id)}/recording?side=${side}`,
        }),
      ),
    ),
  );
}

/**
 * Play both sides together from here; their files begin at the same moment.
 * @param {HTMLElement} box
 * @param {number} seconds
 */
export function playBoth(box, seconds) {
  for (const player of box.querySelectorAll("audio")) {
    player.currentTime = seconds;
    player.play().catch(() => undefined); // no sound on this side, or not allowed to play yet
  }
}
