// @ts-check
// The agents on the duty desk: what each does and for how long; a supervisor sets another's state in the row itself.

import { ask } from "./ask.js";
import { tick } from "./card.js";
import { at, el } from "./dom.js";
import { mountHelp } from "./live_help.js";
import { between, span } from "./times.js";
import { fill, words } from "./words.js";

/** @typedef {import("./agent_states.js").Mine} Agent */

/**
 * @param {HTMLElement} box
 * @param {boolean} decides whether who looks may set another's state
 */
export function mountAgents(box, decides) {
  /** @type {any} */
  let board = null;
  let open = ""; // the extension whose state is being set
  let refused = "";
  let isAsking = false;
  let drawn = "";
  const help = decides ? mountHelp(String(box.dataset.me), () => board && draw()) : null;
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !open) return;
    event.preventDefault();
    close();
  });
  setInterval(() => tick(box), 1000);

  /** @param {any} now the live socket's board */
  function show(now) {
    board = now;
    if (open && !board.agents.some((/** @type {Agent} */ agent) => agent.extension === open)) open = "";
    draw();
  }

  function draw() {
    const shown = JSON.stringify([board.is_current, board.agents, board.reasons, open, refused, help?.shown()]);
    if (shown === drawn) return;
    drawn = shown;
    const focus = /** @type {HTMLElement | null} */ (box.contains(document.activeElement) ? document.activeElement : null)?.dataset.key;
    box.replaceChildren(
      ...(board.is_current ? [] : [el("p", { class: "refused" }, words.agents_stale)]),
      board.agents.length
        ? el("ul", { class: `agents${board.is_current ? "" : " doubtful"}` }, board.agents.map(row))
        : el("p", { class: "empty" }, words.no_agents),
    );
    if (focus) focusOn(focus);
  }

  /** @param {Agent} agent */
  function row(agent) {
    const { extension } = agent;
    const isOpen = open === extension;
    return el(
      "li",
      { "data-is": agent.state, "data-extension": extension },
      el("span", { class: "dot", "aria-hidden": "true" }),
      el("b", {}, agent.name || extension),
      agent.name && el("small", { class: "soft" }, extension),
      el("span", { class: "state" }, stateOf(agent), agent.since && el("small", { class: "number" }, " ", el("span", { "data-since": agent.since, "data-form": "span" }, span(between(agent.since))))),
      decides && el(
        "button",
        {
          type: "button", class: "quiet set", "data-key": `set-${extension}`, "aria-expanded": String(isOpen), "aria-controls": isOpen ? `set-${extension}` : null,
          "aria-label": fill(words.agent_set.open_of, { name: agent.name || extension }), onclick: () => (isOpen ? close() : openFor(extension)),
        },
        words.agent_set.open,
      ),
      isOpen && choices(agent),
      ...(help?.row(agent) ?? []),
    );
  }

  /** @param {Agent} agent */
  function choices({ extension, name, state, reason }) {
    const act = (/** @type {string} */ key, /** @type {string} */ text, /** @type {string} */ step, /** @type {any} */ body, isOn = false) =>
      el("button", { type: "button", "data-key": `${key}-${extension}`, "aria-pressed": String(isOn), onclick: () => set(extension, step, body) }, text);
    return el(
      "div",
      { class: "choices", id: `set-${extension}`, role: "group", "aria-label": fill(words.agent_set.title, { name: name || extension }) },
      act("ready", words.agent_set.ready, "ready", {}, state === "ready"),
      act("out", words.agent_set.out, "sign-out", {}, state === "signed-out"),
      el("span", { class: "soft" }, words.agent_set.pause),
      board.reasons.map((/** @type {string} */ one) => act(`pause-${one}`, words.agent_page.reason[one] ?? one, "pause", { reason: one }, state === "paused" && reason === one)),
      el("p", { class: "refused", role: "alert", hidden: !refused }, refused),
    );
  }

  /** @param {string} extension */
  function openFor(extension) {
    open = extension;
    refused = "";
    draw();
    focusOn(`ready-${extension}`);
  }

  function close() {
    const extension = open;
    open = refused = "";
    draw();
    focusOn(`set-${extension}`);
  }

  /** What was asked for is shown when the service says that it is so. @param {string} extension @param {string} step @param {any} body */
  async function set(extension, step, body) {
    if (isAsking) return;
    isAsking = true;
    try {
      const agent = await ask(`/api/v1/agents/${encodeURIComponent(extension)}/${step}`, body);
      at("announce").textContent = fill(words.agent_set.done, { name: agent.name || extension, state: stateOf(agent) });
      if (open === extension) close();
    } catch (wrong) {
      const id = wrong instanceof Error ? wrong.message : "other";
      refused = words.agent_page.refused[id] ?? words.errors[id] ?? words.errors.other;
      draw();
    } finally {
      isAsking = false;
    }
  }

  /** What was left by its state leaves the focus in its own row. @param {string} key */
  function focusOn(key) {
    const extension = key.slice(key.lastIndexOf("-") + 1);
    const found = [key, key.startsWith("side-") ? `side-listen-${extension}` : key, `set-${extension}`].map((one) => box.querySelector(`[data-key="${CSS.escape(one)}"]`)).find(Boolean);
    /** @type {HTMLElement | undefined} */ (found)?.focus();
  }

  return { show, hear: (/** @type {any} */ message) => help?.hear(message) };
}

/** The state in words: why, what follows, and who else decided so. @param {Agent} agent */
function stateOf({ state, reason, then, by_name }) {
  const why = reason && state === "paused" ? words.agent_page.reason[reason] ?? reason : "";
  const next = then ? fill(words.agent_page.and_then, { reason: words.agent_page.reason[then] ?? then }) : "";
  return [[words.agent_state[state] ?? state, why].filter(Boolean).join(" "), next, by_name].filter(Boolean).join(" · ");
}
