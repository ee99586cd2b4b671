// @ts-check
// The words of the call on the agent's page: live while it is talked, or why there are none; after it what was written down.

import { ask } from "./ask.js";
import { el } from "./dom.js";
import { drawLiveTalk, saidIn } from "./live_words.js";
import { drawTalk } from "./talk.js";
import { words } from "./words.js";

/** @param {HTMLElement} box */
export function mountWords(box) {
  let isListening = true; // whether anybody hears talks: the service says so with what was heard
  let callId = "";
  let isOver = false;
  /** @type {any} the call with what was written down of it */
  let written = null;

  /** Another call, or this one goes on. @param {string} id @param {boolean} isWrapUp */
  function show(id, isWrapUp) {
    if (id !== callId) written = null;
    const isNew = id !== callId || isWrapUp !== isOver;
    callId = id;
    isOver = isWrapUp;
    draw();
    if (isNew && isOver) read();
  }

  /** What the live socket told may be that it is written down. @param {any} message */
  function take(message) {
    if (isOver && message.type === "call" && message.call.id === callId) read();
  }

  async function read() {
    const id = callId;
    const call = await ask(`/api/v1/calls/${encodeURIComponent(id)}`).catch(() => null);
    if (!call || id !== callId || !isOver) return;
    written = call;
    draw();
  }

  /** @param {boolean} is */
  function listening(is) {
    if (is === isListening) return;
    isListening = is;
    draw();
  }

  function draw() {
    if (!callId) return;
    const isHeard = saidIn(callId).length > 0;
    if (isOver && written && (written.transcript?.turns.length || !isHeard)) {
      box.setAttribute("aria-live", "off");
      return drawTalk(box, written, playThere);
    }
    if (isHeard || (isListening && !isOver)) return drawLiveTalk(box, callId);
    box.replaceChildren(el("p", { class: "soft small live-note" }, isOver ? words.transcript_waiting : words.live_words_off));
  }

  /** The sound is on the call's own page; this one keeps its form. */
  function playThere() {
    open(`/calls/${encodeURIComponent(callId)}`, "_blank", "noopener");
  }

  return { show, take, listening, draw };
}
