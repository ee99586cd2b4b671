// @ts-check
// Beside the talk: what must be asked in this kind of request, ticked by hand or by what the draft knows already, and
// set phrases with their gaps filled. Supervisors change both here.

import { ask } from "./ask.js";
import { el } from "./dom.js";
import { editPhrases } from "./agent_phrases.js";
import { words } from "./words.js";

/** @typedef {{value: string, phrase: string, origin: string}} Known */

const FIRST = ["place", "matter"]; // asked in every call, before its kind is known
const AGAIN_MS = 60_000; // so often a file that was changed is noticed

/**
 * @param {HTMLElement} box
 * @param {{centre: string, role: string, onChecked: (checked: string[]) => void}} desk
 */
export function mountGuide(box, { centre, role, onChecked }) {
  /** @type {any} */
  let book = null;
  let callId = "";
  let kind = "greeting";
  let about = "greeting"; // the kind of the call, whichever set of phrases is looked at
  let isChosen = false; // by the agent: what is drafted later does not change it
  /** @type {Set<string>} */
  let checked = new Set();
  /** @type {Set<string>} */
  let unchecked = new Set(); // taken off by hand though the draft knows it
  /** @type {Record<string, Known>} by the draft's field */
  let known = {};
  let isEditing = false;
  let drawn = "";

  read();
  setInterval(read, AGAIN_MS);

  async function read() {
    try {
      book = await ask("/api/v1/phrases");
      draw();
    } catch {
      // What was read before stays; the freshness mark tells.
    }
  }

  /** Another call, or none (""). @param {string} id @param {string} wanted kind @param {string[]} [ticks] */
  function begin(id, wanted, ticks = []) {
    if (id === callId) return suggest(wanted);
    callId = id;
    checked = new Set(ticks);
    unchecked = new Set();
    known = {};
    isChosen = false;
    kind = about = "greeting";
    suggest(wanted);
    draw();
  }

  /** The kind as menu, words or the draft say it. @param {string} wanted */
  function suggest(wanted) {
    if (!wanted || wanted === "unknown" || !book?.sets[wanted]) return;
    if (wanted === about && (isChosen || wanted === kind)) return;
    about = wanted;
    if (!isChosen) kind = wanted;
    draw();
  }

  /** The kind as the agent has just put it into the form. @param {string} wanted */
  function follow(wanted) {
    isChosen = false;
    suggest(wanted);
    isChosen = true;
  }

  /** What the draft knows. @param {Record<string, Known>} now */
  function knows(now) {
    known = now;
    draw();
  }

  /** @param {string[]} ticks as they were kept */
  function tick(ticks) {
    checked = new Set(ticks);
    draw();
  }

  function draw() {
    if (!book || isEditing) return;
    const one = book.sets[kind] ?? Object.values(book.sets)[0];
    const checks = checksOf(one);
    const shown = JSON.stringify([book.version, kind, about, callId, [...checked], [...unchecked], known]);
    if (shown === drawn) return;
    drawn = shown;
    const focus = /** @type {HTMLElement | null} */ (box.contains(document.activeElement) ? document.activeElement : null)?.dataset.key;
    const next = checks.find((/** @type {string} */ name) => !isTicked(name));
    const asks = el("p", { class: "asks" }, next ? book.checks[next].asks : "");
    box.replaceChildren(
      el("div", { class: "kinds", role: "tablist", "aria-label": words.agent_page.kind, onkeydown: walk }, Object.entries(book.sets).map(tab)),
      ...(callId && checks.length ? [el("ul", { class: "checks", "aria-label": words.agent_page.must_ask }, checks.map((/** @type {string} */ name) => check(name, asks))), asks] : []),
      el(
        "div",
        { class: "phrases", id: "phrases", role: "tabpanel", tabindex: "0", "aria-label": one.label },
        el("ul", {}, one.phrases.map((/** @type {string} */ text) => el("li", {}, filled(text)))),
      ),
      el(
        "div",
        { class: "guide-foot" },
        role !== "agent" && el("button", { type: "button", class: "quiet", "data-key": "edit", onclick: edit }, words.agent_page.edit_phrases),
        role !== "agent" && book.trouble && el("span", { class: "refused small" }, words.agent_page.phrases_trouble),
      ),
    );
    if (focus) /** @type {HTMLElement | null} */ (box.querySelector(`[data-key="${CSS.escape(focus)}"]`))?.focus();
  }

  /** @param {[string, any]} named */
  function tab([name, one]) {
    const isOn = name === kind;
    const choose = () => {
      kind = name;
      isChosen = true;
      draw();
    };
    return el("button", { type: "button", role: "tab", "data-key": `kind-${name}`, "aria-selected": String(isOn), "aria-controls": "phrases", tabindex: isOn ? "0" : "-1", onclick: choose }, one.label);
  }

  /** Arrow keys walk through the kinds. @param {KeyboardEvent} event */
  function walk(event) {
    const tabs = /** @type {HTMLElement[]} */ ([...box.querySelectorAll("[role=tab]")]);
    const here = tabs.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (!step || here < 0) return;
    event.preventDefault();
    const next = tabs[(here + step + tabs.length) % tabs.length];
    next.focus();
    next.click();
  }

  /** What must be asked: of the set looked at; one without checks leaves those of the call's kind, and while nobody knows
   * that, where and what. @param {any} one @returns {string[]} */
  function checksOf(one) {
    if (one.checks.length) return one.checks;
    const ofCall = book.sets[about]?.checks ?? [];
    return ofCall.length ? ofCall : FIRST.filter((name) => name in book.checks);
  }

  /** What the draft knows of a check; null: nothing. @param {string} name */
  function knownOf(name) {
    const field = book.checks[name].drafted;
    return field && known[field]?.value ? known[field] : null;
  }

  /** @param {string} name */
  function isTicked(name) {
    return checked.has(name) || (knownOf(name) !== null && !unchecked.has(name));
  }

  /** @param {string} name @param {HTMLElement} asks */
  function check(name, asks) {
    const one = book.checks[name];
    const knows = knownOf(name);
    const isOn = isTicked(name);
    const byItself = knows !== null && isOn && !checked.has(name);
    const tell = () => {
      asks.textContent = one.asks;
    };
    const why = byItself ? `${words.agent_page.knows} ${knows?.value}` : "";
    return el(
      "li",
      { "data-is": isOn ? "done" : "open", onpointerenter: tell },
      el(
        "label",
        { title: [one.asks, knows?.phrase && `“${knows.phrase}”`].filter(Boolean).join("\n") },
        el("input", {
          type: "checkbox", "data-key": `check-${name}`, checked: isOn, onfocus: tell,
          onchange: (/** @type {Event} */ event) => turn(name, /** @type {HTMLInputElement} */ (event.target).checked, knows !== null),
        }),
        el("b", {}, one.label),
        byItself && el("span", { class: "by-itself" }, why),
      ),
    );
  }

  /** @param {string} name @param {boolean} isOn @param {boolean} isKnown */
  function turn(name, isOn, isKnown) {
    if (isOn) {
      unchecked.delete(name);
      checked.add(name);
    } else {
      checked.delete(name);
      if (isKnown) unchecked.add(name);
    }
    onChecked([...checked]);
    draw();
  }

  /** A phrase with its gaps filled; what nobody knows is left out, or a gap to say. @param {string} text */
  function filled(text) {
    const who = known.who?.value ?? "";
    const said = who ? text.replaceAll("{salutation}", who) : text.replaceAll(/\{salutation\}[，、]?/g, "");
    const parts = said.replaceAll("{centre}", centre).split("{home}");
    const home = known.home?.value;
    return parts.flatMap((part, place) => (place ? [home || el("span", { class: "gap" }, words.agent_page.gap_home), part] : [part]));
  }

  function edit() {
    isEditing = true;
    drawn = "";
    editPhrases(box, book, kind, (changed) => {
      isEditing = false;
      if (changed) book = changed;
      draw();
    });
  }

  return {
    begin,
    suggest,
    follow,
    knows,
    tick,
    kind: () => kind,
    focus: () => /** @type {HTMLElement | null} */ (box.querySelector(".checks input:not(:checked)") ?? box.querySelector(".checks input") ?? box.querySelector('[aria-selected="true"]'))?.focus(),
  };
}
