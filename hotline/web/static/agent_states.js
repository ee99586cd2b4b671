// @ts-check
// My state, as the live socket says it, and the buttons that ask for another; what was clicked is never shown as true.

import { ask } from "./ask.js";
import { tick } from "./card.js";
import { at, el } from "./dom.js";
import { between, now, span } from "./times.js";
import { fill, words } from "./words.js";

/** @typedef {{extension: string, name: string, state: string, call_id?: string, reason?: string, then?: string, since?: string | null, until?: string | null, by_name?: string}} Mine */

const SOON_S = 15; // of a wrap-up's time: then it is red
const WAITING = new Set(["ready", "ringing", "dialling", "calling", "talking", "no-phone"]); // ready is what they decided
const TOLD_MS = 8_000;

/** @type {ReturnType<typeof setTimeout> | undefined} */
let quiet;

/**
 * @param {HTMLElement} box
 * @param {string} extension
 */
export function mountStates(box, extension) {
  /** @type {Mine | null} */
  let mine = null;
  let isAsking = false;
  let drawn = "";
  /** @type {string[]} */
  let reasons = [];
  if (!extension) {
    box.replaceChildren(el("span", { class: "soft" }, words.agent_page.no_extension));
    return { show() {}, act: async () => {}, openReasons() {}, mine: () => null };
  }
  setInterval(tickOn, 500);

  /** @param {string} step @param {any} [body] */
  async function act(step, body = {}) {
    if (isAsking) return;
    const turnOn = step === "ready" ? /** @type {HTMLElement | null} */ (at("phone").querySelector('[data-act="on"]')) : null;
    if (turnOn) return tell(words.agent_page.phone_first, el("button", { type: "button", class: "primary", onclick: () => (hush(), turnOn.click()) }, words.phone.turn_on));
    isAsking = true;
    try {
      await ask(`/api/v1/agents/me/${step}`, body);
      hush();
    } catch (wrong) {
      tell(refusal(wrong));
    } finally {
      isAsking = false;
    }
  }

  /** @param {any} board */
  function show(board) {
    reasons = board.reasons ?? [];
    mine = board.agents.find((/** @type {any} */ agent) => agent.extension === extension) ?? null;
    draw(board.is_current);
  }

  /** @param {boolean} isCurrent */
  function draw(isCurrent) {
    const state = mine?.state ?? "signed-out";
    const shown = JSON.stringify([mine, isCurrent, reasons]);
    if (shown === drawn) return;
    drawn = shown;
    if (!mine && isCurrent) return box.replaceChildren(el("span", { class: "soft" }, words.agent_page.not_agent));
    const hadFocus = /** @type {HTMLElement | null} */ (box.contains(document.activeElement) ? document.activeElement : null)?.dataset.key;
    const isWriting = state === "wrap-up";
    box.replaceChildren(
      el(
        "span",
        { class: "now", "data-is": state, role: "status", title: isCurrent ? null : words.agents_stale },
        isCurrent ? words.agent_page.state[state] ?? state : words.agent_page.state_unknown,
        mine?.reason && state === "paused" && el("small", {}, reasonOf(mine.reason)),
        time(),
        mine?.then && el("small", {}, fill(words.agent_page.and_then, { reason: reasonOf(mine.then) })),
        mine?.by_name && el("small", { class: "by" }, `· ${mine.by_name}`), // a supervisor decided so
      ),
      ...(isWriting
        ? [
            button("ready", "F2", words.agent_page.to_ready, () => act("wrap-up-done"), "primary"),
            button("more", "F7", words.agent_page.more_time, () => act("more-time")),
          ]
        : WAITING.has(state) && !mine?.then
          ? []
          : [button("ready", "F2", words.agent_page.to_ready, () => act("ready"), "primary")]),
      button("pause", "F4", words.agent_page.to_pause, toggleReasons, state === "paused" ? "chosen" : ""),
    );
    box.querySelector('[data-key="pause"]')?.setAttribute("aria-expanded", "false");
    if (hadFocus) /** @type {HTMLElement | null} */ (box.querySelector(`[data-key="${hadFocus}"]`))?.focus();
  }

  function time() {
    if (!mine?.since) return null;
    if (mine.until) return el("b", { "data-until": mine.until }, left());
    return el("b", { "data-since": mine.since, "data-form": "span" }, span(between(mine.since)));
  }

  function left() {
    return span(Math.max(0, (Date.parse(String(mine?.until)) - now()) / 1000));
  }

  function tickOn() {
    tick(box);
    const running = box.querySelector("[data-until]");
    if (!running) return;
    running.textContent = left();
    running.classList.toggle("last", (Date.parse(String(mine?.until)) - now()) / 1000 < SOON_S);
  }

  function toggleReasons() {
    const open = box.querySelector(".reasons");
    box.querySelector('[data-key="pause"]')?.setAttribute("aria-expanded", String(!open));
    if (open) {
      open.remove();
      return;
    }
    const close = () => {
      box.querySelector(".reasons")?.remove();
      /** @type {HTMLElement | null} */ (box.querySelector('[data-key="pause"]'))?.focus();
    };
    const menu = el(
      "div",
      { class: "reasons", role: "menu", "aria-label": words.agent_page.to_pause, onkeydown: (/** @type {KeyboardEvent} */ event) => walk(event, menu, close) },
      reasons.map((reason) =>
        el("button", { type: "button", role: "menuitem", onclick: () => (close(), act("pause", { reason })) }, reasonOf(reason)),
      ),
    );
    box.append(menu);
    menu.querySelector("button")?.focus();
  }

  return { show, act, openReasons: toggleReasons, mine: () => mine };
}

/** @param {string} reason */
function reasonOf(reason) {
  return words.agent_page.reason[reason] ?? reason;
}

/** @param {KeyboardEvent} event @param {HTMLElement} menu @param {() => void} close */
function walk(event, menu, close) {
  const items = [...menu.querySelectorAll("button")];
  const here = items.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
  if (event.key === "Escape") close();
  else if (event.key === "ArrowDown") items[(here + 1) % items.length].focus();
  else if (event.key === "ArrowUp") items[(here + items.length - 1) % items.length].focus();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

/** @param {string} key @param {string} shortcut @param {string} text @param {() => void} act @param {string} [kind] */
function button(key, shortcut, text, act, kind = "") {
  return el(
    "button",
    { type: "button", class: kind || null, "data-key": key, "aria-keyshortcuts": shortcut, onclick: act },
    text,
    el("kbd", { "aria-hidden": "true" }, shortcut),
  );
}

/** Why something was refused, in words of the screen. @param {unknown} wrong */
export function refusal(wrong) {
  const id = wrong instanceof Error ? wrong.message : String(wrong);
  return words.agent_page.refused[id] ?? words.errors[id] ?? fill(words.agent_page.refused.other, { why: id });
}

/** Say something above the columns for a while; it is read out. @param {string} text @param {HTMLElement} [key] what to do about it */
export function tell(text, key) {
  const told = at("told");
  told.replaceChildren(text, ...(key ? [" ", key] : []));
  told.hidden = false;
  clearTimeout(quiet);
  quiet = setTimeout(hush, TOLD_MS);
}

export function hush() {
  clearTimeout(quiet);
  at("told").hidden = true;
}
