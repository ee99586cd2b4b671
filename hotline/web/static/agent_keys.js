// @ts-check
// Keys of the page: F-keys work everywhere, also while something is typed; `?` lists them. The help key tells the supervisor
// without a sound; the emergency key wants two steps, and no dialogue: pressed twice within two seconds, or held.

import { at, el } from "./dom.js";
import { fill, words } from "./words.js";

const AGAIN_WITHIN_MS = 2_000;
const HELD_MS = 1_200;
const DONE_MS = 4_000;

/**
 * @param {HTMLElement} box
 * @param {{onHelp: () => Promise<void>, onEmergency: () => Promise<void>}} acts
 */
export function mountUrgentKeys(box, { onHelp, onEmergency }) {
  let armed = -AGAIN_WITHIN_MS;
  let isHeld = false; // the click that ends a hold is no press of its own
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let holding;
  const help = /** @type {HTMLButtonElement} */ (el("button", { type: "button", class: "help", "aria-keyshortcuts": "F8", disabled: true, title: words.agent_page.help_in_talk, onclick: callHelp }, words.agent_page.help, kbd("F8")));
  const emergency = el(
    "button",
    {
      type: "button", class: "emergency", "aria-keyshortcuts": "F9", title: words.agent_page.emergency_note,
      onclick: press, onpointerdown: hold, onpointerup: letGo, onpointerleave: letGo, onpointercancel: letGo,
    },
    el("span", {}, words.agent_page.emergency),
    kbd("F9"),
  );
  const keys = el("button", { type: "button", class: "quiet", "aria-keyshortcuts": "F1", "aria-label": words.agent_page.shortcuts, onclick: toggleShortcuts }, "?");
  box.replaceChildren(help, emergency, keys);

  async function callHelp() {
    if (help.dataset.is === "done") return;
    await onHelp();
  }

  /** There is a talk, or none: without one the button says why it does nothing. @param {boolean} isTalking */
  function allowHelp(isTalking) {
    if (help.disabled !== isTalking) return;
    help.disabled = !isTalking;
    help.title = isTalking ? words.agent_page.help_note : words.agent_page.help_in_talk;
  }

  /** @param {string | boolean} who whether a supervisor was told, or who of them comes */
  function showHelp(who) {
    const text = who === true ? words.agent_page.help_called : who ? fill(words.agent_page.help_comes, { name: who }) : words.agent_page.help;
    if (help.firstChild?.textContent === text) return;
    help.dataset.is = who ? "done" : "";
    help.firstChild?.replaceWith(text);
    if (who) at("announce").textContent = text;
  }

  function press() {
    if (isHeld) {
      isHeld = false;
      return;
    }
    const isSecond = performance.now() - armed < AGAIN_WITHIN_MS;
    if (isSecond) raise();
    else arm();
  }

  function arm() {
    armed = performance.now();
    put("armed", words.agent_page.emergency_again);
    at("announce").textContent = words.agent_page.emergency_again;
    setTimeout(() => performance.now() - armed >= AGAIN_WITHIN_MS && emergency.dataset.is === "armed" && put("", words.agent_page.emergency), AGAIN_WITHIN_MS + 20);
  }

  function hold() {
    isHeld = false;
    holding = setTimeout(() => {
      isHeld = true;
      raise();
    }, HELD_MS);
    emergency.animate?.([{ filter: "none" }, { filter: "saturate(2)" }], HELD_MS);
  }

  function letGo() {
    clearTimeout(holding);
  }

  async function raise() {
    letGo();
    armed = -AGAIN_WITHIN_MS;
    put("", words.agent_page.emergency);
    try {
      await onEmergency();
      put("done", words.agent_page.emergency_raised);
      at("announce").textContent = words.agent_page.emergency_raised;
      setTimeout(() => put("", words.agent_page.emergency), DONE_MS);
    } catch {
      // The refusal stands above the columns.
    }
  }

  /** @param {string} is @param {string} text */
  function put(is, text) {
    emergency.dataset.is = is;
    /** @type {HTMLElement} */ (emergency.firstChild).textContent = text;
  }

  return { callHelp, press, showHelp, allowHelp };
}

/** @type {[string, string][]} keys and the names of what they do; more are added by the parts that have some */
const listed = [];

/** Have keys in the list that `?` opens; what they do is another part's. @param {Record<string, string>} keys to the names of what they do */
export function listKeys(keys) {
  listed.push(...Object.entries(keys));
}

/**
 * Let keys do something wherever the focus is; a key that only writes is left to whoever types.
 * @param {Record<string, {name: string, act: () => void}>} keys by KeyboardEvent.key, with "Shift+" before it
 */
export function mountKeys(keys) {
  listKeys(Object.fromEntries(Object.entries(keys).map(([key, { name }]) => [key, name])));
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (event.key === "Escape" && !at("shortcuts").hidden) return toggleShortcuts();
    const key = keys[event.shiftKey && event.key.length > 1 ? `Shift+${event.key}` : event.key];
    if (!key || (event.key.length === 1 && isTyping())) return;
    event.preventDefault();
    if (!event.repeat) key.act();
  });
}

/** Whether what is pressed now goes into a field. */
export function isTyping() {
  const here = /** @type {HTMLElement | null} */ (document.activeElement);
  return Boolean(here?.matches("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]"));
}

export function toggleShortcuts() {
  const box = at("shortcuts");
  box.hidden = !box.hidden;
  if (box.hidden) {
    at("urgent-keys").querySelector("button:last-child")?.dispatchEvent(new Event("closed"));
    /** @type {HTMLElement} */ (at("urgent-keys").lastElementChild)?.focus();
    return;
  }
  const close = el("button", { type: "button", onclick: toggleShortcuts }, words.agent_page.close, kbd("Esc"));
  box.replaceChildren(
    el("h2", { id: "shortcuts-title" }, words.agent_page.shortcuts),
    el("dl", {}, listed.map(([key, name]) => [el("dt", {}, kbd(key)), el("dd", {}, name)]).flat()),
    close,
  );
  close.focus();
}

/** @param {string} key */
function kbd(key) {
  return el("kbd", { "aria-hidden": "true" }, key);
}
