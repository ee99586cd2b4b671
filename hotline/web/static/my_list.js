// @ts-check
// What I owe: calls that wait for their wrap-up, what I took, what anybody may take, by deadline. One click calls the
// resident by the outbound number: my own telephone rings first.

import { ask } from "./ask.js";
import { el } from "./dom.js";
import { deadlineOf } from "./due.js";
import { tickRow } from "./follow_up_row.js";
import { listen } from "./live.js";
import { clock } from "./times.js";
import { fill, words } from "./words.js";

const READ_AFTER_MS = 300;
const TICK_MS = 10_000;
const LOOK_MS = 2_000;
const STEPS = ["", "ringing", "calling", "talking", "over"];

/**
 * @param {HTMLElement} box
 * @param {{onDial: (call: any) => void, onOpen?: (callId: string) => void}} desk `onOpen` without it a call's page opens
 */
export function mountMyList(box, { onDial, onOpen }) {
  /** @type {any} */
  let list = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** @type {any} the call that is being made */
  let calling = null;
  let said = "";
  let heard = ""; // how far the call has come: the ledger may tell an earlier step after the phone told a later one
  let drawn = "";
  let leftOut = ""; // the call whose form is open beside it
  const told = el("p", { class: "told small", role: "status", hidden: true });
  const counts = el("p", { class: "counts soft small" });
  const items = el("div", { class: "items" });
  const byHand = dialForm();
  box.replaceChildren(counts, told, items, byHand);

  listen((message) => {
    if (message.owed || message.type === "duty-entry" || (message.type === "call" && message.call.state === "ended")) readSoon();
    if (calling && message.type === "call" && message.call.id === calling.channel) follow(message.call);
    if (calling && message.type === "offer" && message.offer.call_id === calling.channel) comeTo(message.offer.state);
  });
  setInterval(() => items.querySelectorAll("[data-follow-up]").forEach((one) => tick(/** @type {HTMLElement} */ (one))), TICK_MS);
  readSoon();

  /** The call whose form is open beside the list is no row of it, too. @param {string} callId "" none */
  function leaveOut(callId) {
    if (callId === leftOut) return;
    leftOut = callId;
    if (list) draw();
  }

  function readSoon() {
    clearTimeout(timer);
    timer = setTimeout(read, READ_AFTER_MS);
  }

  async function read() {
    try {
      list = await ask("/api/v1/my-list");
      draw();
    } catch {
      timer = setTimeout(read, LOOK_MS * 5);
    }
  }

  function draw() {
    const waits = list.waiting.filter((/** @type {any} */ one) => one.call_id !== leftOut);
    const as = JSON.stringify([list.counts, list.mine, list.anybody, waits]);
    counts.textContent = fill(words.mine.counts, { ...list.counts, waiting: list.counts.waiting - (list.waiting.length - waits.length) });
    if (as === drawn || items.querySelector("form")) return; // nothing is drawn over what is written
    drawn = as;
    const focus = /** @type {HTMLElement | null} */ (items.contains(document.activeElement) ? document.activeElement : null)?.dataset.key;
    items.replaceChildren(
      part(words.mine.waiting, waits.map(waiting)),
      part(words.mine.mine, list.mine.map((/** @type {any} */ one) => owed(one, true))),
      part(words.mine.anybody, list.anybody.map((/** @type {any} */ one) => owed(one, false))),
    );
    if (!waits.length && !list.mine.length && !list.anybody.length) items.replaceChildren(el("p", { class: "empty" }, words.mine.nothing));
    if (focus) /** @type {HTMLElement | null} */ (items.querySelector(`[data-key="${focus}"]`))?.focus();
  }

  /** @param {string} title @param {HTMLElement[]} rows */
  function part(title, rows) {
    return rows.length ? el("section", { class: "part" }, el("h3", {}, title, " ", el("span", { class: "tag" }, rows.length)), el("ul", {}, ...rows)) : el("section", { hidden: true });
  }

  /** @param {any} one */
  function waiting(one) {
    const who = [one.home, one.who || one.number].filter(Boolean).join(" ");
    const open = onOpen
      ? el("button", { type: "button", class: "primary", "data-key": `wrap-${one.entry}`, onclick: () => onOpen(one.call_id) }, words.mine.wrap)
      : el("a", { class: "button primary", "data-key": `wrap-${one.entry}`, href: `/calls/${encodeURIComponent(one.call_id)}` }, words.mine.wrap);
    return el(
      "li",
      { "data-is": "draft" },
      el("div", {}, el("b", {}, who || words.unknown_person), " ", el("small", { class: "soft" }, `${clock(one.ended_at)} ${one.agent_name}`)),
      one.matter && el("p", { class: "clip" }, one.matter),
      el("div", { class: "acts" }, open),
    );
  }

  /** @param {any} one @param {boolean} isMine */
  function owed(one, isMine) {
    const act = (/** @type {string} */ name, /** @type {string} */ kind, /** @type {(event: Event) => void} */ onclick) =>
      el("button", { type: "button", class: kind || null, "data-key": `${name}-${one.id}`, onclick }, words.mine.do[name]);
    const row = el(
      "li",
      { "data-follow-up": one.id, "data-kind": one.kind },
      el("div", { class: "head" }, el("b", { class: "due-mark" }), el("span", { class: "owed-kind" }, words.follow_up_kind[one.kind])),
      el("div", {}, el("b", {}, [one.home, one.who].filter(Boolean).join(" ") || words.unknown_person), " ", el("small", { class: "number soft" }, one.number)),
      one.text && el("p", { class: "clip", title: one.text }, one.text),
      deadlineOf(one),
      el(
        "div",
        { class: "acts" },
        one.number && act("dial", "primary", () => dial({ follow_up: one.id }, row)),
        !isMine && act("take", "", () => step(one, "take", {})),
        act("close", "", () => openForm(row, one)),
      ),
    );
    tick(row, one);
    return row;
  }

  /** @param {HTMLElement} row @param {any} [one] */
  function tick(row, one = [...(list?.mine ?? []), ...(list?.anybody ?? [])].find((each) => String(each.id) === row.dataset.followUp)) {
    if (one) tickRow(row, one);
  }

  /** @param {any} one @param {string} name @param {any} body */
  async function step(one, name, body) {
    try {
      await ask(`/api/v1/follow-ups/${one.id}/${name}`, body);
      tell("");
      readSoon();
      return true;
    } catch (wrong) {
      tell(reason(wrong));
      return false;
    }
  }

  /** What came of it, written in its place. @param {HTMLElement} row @param {any} one */
  function openForm(row, one) {
    row.querySelector("form")?.remove();
    const text = /** @type {HTMLTextAreaElement} */ (el("textarea", { required: true, maxlength: 1000, rows: 2, "aria-label": words.follow_up_ask.close, placeholder: words.follow_up_ask.close }));
    const shut = () => {
      form.remove();
      drawn = "";
      draw();
    };
    const form = /** @type {HTMLFormElement} */ (
      el(
        "form",
        {
          class: "step-form",
          onkeydown: (/** @type {KeyboardEvent} */ event) => {
            if (event.key === "Escape") shut();
            if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
          },
          onsubmit: async (/** @type {Event} */ event) => {
            event.preventDefault();
            if (await step(one, "close", { result: text.value })) shut();
          },
        },
        el("div", { class: "chips" }, (words.follow_up_quick.close ?? []).map((/** @type {string} */ quick) => el("button", { type: "button", class: "chip", onclick: () => { text.value = quick; text.focus(); } }, quick))),
        text,
        el("div", { class: "buttons" }, el("button", { class: "primary" }, words.follow_up_do.close), el("button", { type: "button", class: "quiet", onclick: shut }, words.cancel)),
      )
    );
    row.append(form);
    text.focus();
  }

  function dialForm() {
    const number = /** @type {HTMLInputElement} */ (el("input", { type: "tel", name: "number", maxlength: 40, autocomplete: "off", "aria-label": words.mine.number, placeholder: words.mine.number }));
    return el(
      "form",
      {
        class: "dial",
        onsubmit: async (/** @type {Event} */ event) => {
          event.preventDefault();
          if (number.value.trim() && (await dial({ number: number.value }, byHand))) number.value = "";
        },
      },
      number,
      el("button", {}, words.mine.do.dial),
    );
  }

  /** Ring me, then them. @param {any} whom @param {HTMLElement} place @param {string} [key] @returns {Promise<boolean>} */
  async function dial(whom, place, key = newKey()) {
    place.querySelector(".anyway")?.remove();
    const buttons = /** @type {HTMLButtonElement[]} */ ([...box.querySelectorAll("button")].filter((one) => one.dataset.key?.startsWith("dial-") || one.closest(".dial")));
    for (const button of buttons) button.disabled = true;
    tell(words.mine.rings_you);
    try {
      calling = await ask("/api/v1/outside-calls", { ...whom, key });
      heard = "";
      onDial(calling);
      look();
      return true;
    } catch (wrong) {
      const { message, details } = /** @type {Error & {details?: any}} */ (wrong);
      tell(message === "number-marked" ? "" : reason(wrong));
      if (message === "home-undecided" && !told.querySelector("a")) told.append(" ", el("a", { href: "/campaigns#undecided" }, words.campaigns.agent_card.decide)); // supervisors do
      if (message === "number-marked") askAnyway(whom, place, details.marks);
      else if (message === "Failed to fetch") setTimeout(() => dial(whom, place, key), LOOK_MS); // the same key: the same call
      return false;
    } finally {
      for (const button of buttons) button.disabled = false;
    }
  }

  /** @param {any} whom @param {HTMLElement} place @param {string[]} marks */
  function askAnyway(whom, place, marks) {
    const asked = el(
      "div",
      { class: "anyway", role: "alert" },
      el("p", {}, fill(words.mine.marked, { marks: marks.map((mark) => words.mine.mark[mark] ?? mark).join("、") })),
      el("button", { type: "button", class: "danger", onclick: () => dial({ ...whom, anyway: true }, place) }, words.mine.do.anyway),
      el("button", { type: "button", class: "quiet", onclick: () => asked.remove() }, words.cancel),
    );
    place.append(asked);
    /** @type {HTMLElement} */ (asked.querySelector("button"))?.focus();
  }

  /** Until the ledger tells of it, ask where it stands. */
  async function look() {
    if (!calling || calling.state === "ended") return;
    setTimeout(look, LOOK_MS);
    const one = calling;
    const now = await ask(`/api/v1/outside-calls/${one.id}`).catch(() => null);
    if (!now || calling !== one) return;
    one.channel = now.channel; // it may have become part of an older call
    if (now.state === "ended" || now.state === "never") over(now.state === "never" ? words.mine.never : words.outcome[now.outcome] ?? now.outcome);
  }

  /** @param {any} call as the ledger tells it */
  function follow(call) {
    if (call.state === "ended") over(words.outcome[call.outcome] ?? "");
    else comeTo(call.state === "answered" ? "calling" : call.state); // they lifted, and hear the notice
  }

  /** Say how far it is; never a step back. @param {string} state of the offer at my phone, or of the call */
  function comeTo(state) {
    const step = ["answered", "talking"].includes(state) ? "talking" : ["over", "withdrawn"].includes(state) ? "over" : state;
    if (!STEPS.includes(step) || STEPS.indexOf(step) <= STEPS.indexOf(heard)) return;
    heard = step;
    tell(words.mine.state[step] ?? ""); // what came of it the ledger tells in a moment
  }

  /** @param {string} what */
  function over(what) {
    calling = null;
    tell(fill(words.mine.over, { what }));
    readSoon();
  }

  /** @param {string} text */
  function tell(text) {
    if (text === said) return;
    said = text;
    told.textContent = text;
    told.hidden = !text;
  }

  return { leaveOut };
}

function newKey() {
  return crypto.randomUUID ? crypto.randomUUID() : `${Date.now()}-${Math.random().toString(36).slice(2)}`;
}

/** @param {any} wrong */
function reason(wrong) {
  return words.mine.refused[wrong.message] ?? words.errors[wrong.message] ?? words.errors.other;
}
