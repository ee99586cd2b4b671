// @ts-check
// One review: the sound of the call, comments at its seconds, the sheet, and what agent and supervisor say of it.

import { ask } from "./ask.js";
import { el } from "./dom.js";
import { drawRecording, playBoth } from "./player.js";
import { scoreSheet } from "./quality_score.js";
import { drawWritten } from "./quality_written.js";
import { drawTalk } from "./talk.js";
import { dayAndClock, span } from "./times.js";
import { fill, words } from "./words.js";

const own = words.quality;
const SAVE_AFTER = 400; // milliseconds without a further key

/** @typedef {{ changed: () => void, closed: () => void, refused: (wrong: unknown) => void }} Hooks */

/**
 * Show a review and let it be worked on.
 * @param {HTMLElement} box
 * @param {any} first the review as the API told it
 * @param {Hooks} hooks
 */
export function openReview(box, first, hooks) {
  let review = first;
  let call = /** @type {any} */ (null);
  let here = 0; // the second of the recording where the sound is, or that was clicked
  let timer = 0;
  let turn = Promise.resolve(true); // what is sent goes one by one; whether the last was taken
  const address = `/api/v1/quality/reviews/${review.id}`;
  const mayWrite = review.is_mine && review.state === "draft";
  const mayAnswer = review.may.includes("answered");

  const total = el("span", { class: "total", id: "total" });
  const saved = el("span", { class: "soft small", id: "saved", role: "status" });
  const sound = el("div", { id: "review-sound" });
  const marks = el("div", { class: "marks" });
  const written = el("div", {}); // in place of the sound, where there is none
  const commenting = el("div", {});
  const heading = el("h2", {}, own.comments);
  const notes = el("ul", { class: "comments", id: "comments" });
  const moment = el("span", {});
  const note = /** @type {HTMLInputElement} */ (el("input", { name: "comment", maxlength: 2000, required: true, autocomplete: "off" }));
  const talk = el("div", { class: "talk", tabindex: "0", role: "region", "aria-label": words.conversation });
  const remark = /** @type {HTMLTextAreaElement} */ (el("textarea", { rows: 2, maxlength: 2000, name: "remark", readonly: !mayWrite, oninput: later }));
  remark.value = review.remark;
  const sheet = scoreSheet(review.sheet.items, review.points, mayWrite ? later : mayAnswer ? () => undefined : null);

  box.dataset.state = review.state;
  box.dataset.id = String(review.id);
  box.onkeydown = toKey;
  box.replaceChildren(
    el(
      "section",
      { class: "panel", "aria-labelledby": "review-title" },
      el(
        "div",
        { class: "review-head" },
        el("h2", { id: "review-title", tabindex: "-1" }, fill(own.review, { agent: review.agent_name || review.agent, time: dayAndClock(review.called_at) })),
        el("span", { class: "tag", "data-is": review.state }, own.state[review.state]),
        el("span", { class: "soft small" }, `${fill(own.by_whom, { name: review.reviewer_name })} · ${review.sheet.version ? fill(own.version, { n: review.sheet.version }) : own.trade_version}`),
        total,
        el("button", { type: "button", onclick: close }, own.close),
      ),
      el(
        "div",
        { class: "columns even" },
        el("div", {}, sheet.box, mayWrite && el("p", { class: "soft small" }, own.keys), el("label", { class: "block" }, own.remark, remark), acts(), ...told(), ...forms()),
        el("div", {}, sound, written, heading, commenting, notes, talk, el("p", {}, el("a", { href: `/calls/${encodeURIComponent(review.call_id)}` }, own.whole_call))),
      ),
    ),
  );
  box.hidden = false;
  commenting.replaceChildren(...commentForm());
  drawTotal();
  drawComments();
  at(0);
  readCall();
  (mayWrite ? /** @type {HTMLElement | null} */ (box.querySelector(".item input")) : box.querySelector("h2"))?.focus();

  async function readCall() {
    try {
      call = await ask(`/api/v1/calls/${encodeURIComponent(review.call_id)}`);
    } catch {
      sound.replaceChildren(el("p", { class: "soft" }, own.call_gone));
      return;
    }
    drawRecording(sound, call, (seconds) => at(Math.max(0, seconds)));
    sound.querySelector(".controls")?.before(marks); // right under the picture of the sound
    const isHeard = Boolean(call.recording?.sides.length);
    if (!isHeard) drawWritten(written, call);
    commenting.hidden = !isHeard && !call.transcript?.turns.length; // nothing that has seconds
    heading.hidden = notes.hidden = commenting.hidden && !review.comments.length;
    drawTalk(talk, call, isHeard ? play : toMoment);
    drawComments();
    if (mayWrite) sound.querySelector(".track")?.addEventListener("click", () => note.focus());
  }

  /** @param {number} seconds */
  function at(seconds) {
    if (document.activeElement === note && note.value) return; // what is being written stays at its second
    here = seconds;
    moment.textContent = fill(own.comment_at, { time: span(here) });
  }

  /** A second of what was said, where it cannot be heard any more. @param {number} seconds */
  function toMoment(seconds) {
    at(seconds);
    if (mayWrite) note.focus();
  }

  /** @param {number} seconds */
  function play(seconds) {
    playBoth(sound, seconds);
  }

  function drawTotal() {
    total.textContent = `${own.score} ${review.score ?? own.none}`;
    if (review.score_before !== null) total.append(el("small", { class: "soft" }, ` ${fill(own.score_before, { n: review.score_before })}`));
  }

  function drawComments() {
    notes.replaceChildren(
      ...review.comments.map((/** @type {any} */ one) =>
        el(
          "li",
          { "data-second": one.second },
          el("button", { type: "button", class: "number", onclick: () => play(one.second), "aria-label": fill(own.jump, { time: span(one.second) }) }, `▸ ${span(one.second)}`),
          el("p", {}, one.text),
          mayWrite && el("button", { type: "button", class: "quiet-button", onclick: () => send(`comments/${one.id}/remove`, {}), "aria-label": fill(own.comment_remove, { time: span(one.second) }) }, "×"),
        ),
      ),
      ...(review.comments.length ? [] : [el("li", { class: "soft" }, own.comments_none)]),
    );
    const length = call?.recording?.sides.length ? Math.max(call.recording.seconds, 0.1) : 0;
    const track = sound.querySelector(".track");
    marks.hidden = !length || !review.comments.length;
    if (track instanceof HTMLElement) marks.style.marginLeft = `${track.offsetLeft - sound.offsetLeft}px`;
    marks.replaceChildren(
      ...(length ? review.comments : []).map((/** @type {any} */ one) => {
        const mark = el("button", { type: "button", title: one.text, "aria-label": fill(own.mark, { time: span(one.second), text: one.text }), onclick: () => play(one.second) }, "▲");
        mark.style.left = `${Math.min(100, (100 * one.second) / length)}%`;
        return mark;
      }),
    );
  }

  function commentForm() {
    if (!mayWrite) return [];
    const form = el(
      "form",
      { class: "comment-form", onsubmit: (/** @type {Event} */ event) => {
        event.preventDefault();
        const text = note.value.trim();
        if (!text) return;
        send("comments", { second: Math.floor(here * 10) / 10, text }, () => {
          note.value = "";
          at(here);
        });
      } },
      el("label", {}, moment, note),
      el("button", {}, own.comment_save),
    );
    return [el("p", { class: "soft small" }, own.comment_hint), form];
  }

  function acts() {
    const buttons = [];
    if (mayWrite) {
      buttons.push(el("button", { type: "button", class: "primary", id: "give", onclick: give }, review.calibration ? own.give_calibration : own.give));
      buttons.push(el("button", { type: "button", onclick: discard }, own.discard), el("span", { class: "soft small" }, own.given_note), saved);
    }
    if (review.may.includes("seen")) buttons.push(el("button", { type: "button", class: "primary", id: "seen", onclick: () => take("seen", {}) }, own.seen));
    return el("div", { class: "review-acts" }, buttons);
  }

  /** What was said of it already. */
  function told() {
    const said = [];
    if (review.objection) said.push(el("div", { class: "told" }, el("b", {}, own.objected), el("p", {}, review.objection)));
    if (review.answer) said.push(el("div", { class: "told" }, el("b", {}, fill(own.answered, { name: review.answered_name })), el("p", {}, review.answer)));
    return said;
  }

  function forms() {
    const made = [];
    if (review.may.includes("objected")) made.push(wordForm("objection", own.objection, own.objection_hint, own.object, (text) => ({ text })));
    if (mayAnswer) made.push(wordForm("answer", own.answer, own.answer_hint, own.answer_send, (text) => ({ text, points: sheet.points() })));
    return made;
  }

  /** @param {string} what @param {string} label @param {string} hint @param {string} button @param {(text: string) => any} body */
  function wordForm(what, label, hint, button, body) {
    const text = /** @type {HTMLTextAreaElement} */ (el("textarea", { rows: 2, maxlength: 2000, required: true, name: what, placeholder: hint }));
    return el(
      "form",
      { onsubmit: (/** @type {Event} */ event) => {
        event.preventDefault();
        if (text.value.trim()) take(what, body(text.value.trim()));
      } },
      el("label", { class: "block" }, label, text),
      el("div", { class: "review-acts" }, el("button", {}, button)),
    );
  }

  function later() {
    saved.textContent = own.saving;
    clearTimeout(timer);
    timer = window.setTimeout(save, SAVE_AFTER);
  }

  /** @returns {Promise<boolean>} whether it is kept */
  function save() {
    clearTimeout(timer);
    timer = 0;
    return send("points", null, () => (saved.textContent = own.saved));
  }

  /** One change after another, each with the revision that the one before it left. @param {string} what @param {any} body @param {() => void} [after] @returns {Promise<boolean>} */
  function send(what, body, after) {
    turn = turn.then(async () => {
      try {
        review = await ask(`${address}/${what}`, body ?? { points: sheet.points(), remark: remark.value, revision: review.revision });
        drawTotal();
        drawComments();
        after?.();
        hooks.refused(null);
        return true;
      } catch (wrong) {
        saved.textContent = "";
        hooks.refused(wrong);
        return false;
      }
    });
    return turn;
  }

  async function give() {
    if (await save()) await take("give", {}); // never without the last word: it stays as it is
  }

  async function discard() {
    clearTimeout(timer);
    try {
      await turn;
      await ask(`${address}/discard`, {});
      close();
      hooks.changed();
    } catch (wrong) {
      hooks.refused(wrong);
    }
  }

  /** What moves the review on; it is shown anew as it then stands. @param {string} what @param {any} body */
  async function take(what, body) {
    try {
      await turn;
      const next = await ask(`${address}/${what}`, body);
      hooks.refused(null);
      openReview(box, next, hooks);
      hooks.changed();
    } catch (wrong) {
      hooks.refused(wrong);
    }
  }

  async function close() {
    if (timer) await save();
    box.querySelector("audio")?.pause();
    box.replaceChildren();
    box.hidden = true;
    hooks.closed();
  }

  /** @param {KeyboardEvent} event */
  function toKey(event) {
    if (!mayWrite) return;
    const isTyping = event.target instanceof Element && event.target.matches("textarea, select, input:not([type=range])");
    if (event.key === "Enter" && event.ctrlKey) give();
    else if (event.key.toLowerCase() === "c" && !isTyping && !event.ctrlKey && !event.metaKey) note.focus();
    else return;
    event.preventDefault();
  }
}
