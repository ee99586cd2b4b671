// @ts-check
// A supervisor at an agent's side: the buttons in that agent's row, and who is there. What is shown is what the switch showed;
// a click only asks, and the supervisor's own telephone rings.

import { ask } from "./ask.js";
import { at, el } from "./dom.js";
import { fill, words } from "./words.js";

/** @typedef {"listen" | "whisper" | "barge" | "take"} Mode */
/** @typedef {{id: number, by: string, by_name: string, extension: string, agent: string, call_id: string, mode: Mode, state: string, since: string}} Help */

/** @type {Mode[]} */
const MODES = ["listen", "whisper", "barge", "take"];
/** @type {Record<string, string>} */
const STATE_OF = { listen: "listening", whisper: "whispering", barge: "speaking", take: "taken" };

/**
 * @param {string} me the account of who looks
 * @param {() => void} draw what is shown changed
 */
export function mountHelp(me, draw) {
  /** @type {Help[]} */
  let helps = [];
  let refused = { agent: "", why: "" };
  let isAsking = false;

  /** @param {any} message of the live socket */
  async function hear(message) {
    if (message.type === "live-help") helps = message.helps;
    else if (message.type === "snapshot") helps = (await ask("/api/v1/live-help").catch(() => ({ helps }))).helps;
    else return;
    draw();
  }

  /** @param {{extension: string, name: string, state: string}} agent */
  function row(agent) {
    const here = helps.filter((one) => one.agent === agent.extension);
    const mine = here.find((one) => one.by === me);
    const others = here.filter((one) => one !== mine);
    const isTaken = mine?.state === "taken";
    if (agent.state !== "talking" && !here.length) return [];
    return [
      el(
        "div",
        { class: "sides", role: "group", "aria-label": fill(words.live_help.of, { name: agent.name || agent.extension }) },
        ...(agent.state === "talking" && !isTaken ? MODES.map((mode) => button(agent, mode, mine)) : []),
        mine && !isTaken && el("button", { type: "button", class: "quiet", "data-key": `side-end-${agent.extension}`, onclick: () => act(agent.extension, `/api/v1/live-help/${mine.id}/end`, {}) }, words.live_help.end),
        mine && el("p", { class: "soft", role: "status" }, words.live_help.mine[mine.state] ?? mine.state),
        ...others.map((one) => el("p", { class: "soft" }, fill(words.live_help.other[one.state] ?? "{name}", { name: one.by_name }))),
        refused.agent === agent.extension && el("p", { class: "refused", role: "alert" }, refused.why),
      ),
    ];
  }

  /** @param {{extension: string}} agent @param {Mode} mode @param {Help | undefined} mine */
  function button({ extension }, mode, mine) {
    const isOn = mine?.state === STATE_OF[mode];
    const asks = mine ? () => act(extension, `/api/v1/live-help/${mine.id}/turn`, { mode }) : () => act(extension, "/api/v1/live-help", { key: newKey(), agent: extension, mode });
    const waits = mine?.state === "asked"; // said, not disabled: that would take the focus away from whoever pressed it
    return el("button", { type: "button", "data-key": `side-${mode}-${extension}`, "aria-pressed": String(isOn), title: words.live_help.about[mode], "aria-disabled": waits ? "true" : null, onclick: () => waits || asks() }, words.live_help.mode[mode]);
  }

  /** @param {string} agent @param {string} address @param {any} body */
  async function act(agent, address, body) {
    if (isAsking) return;
    isAsking = true;
    refused = { agent: "", why: "" };
    try {
      const told = await ask(address, body);
      at("announce").textContent = words.live_help.mine[told.state] ?? "";
    } catch (wrong) {
      const id = wrong instanceof Error ? wrong.message : "other";
      refused = { agent, why: words.live_help.refused[id] ?? words.errors[id] ?? words.errors.other };
      if (id === "own-phone-missing") /** @type {HTMLElement | null} */ (document.querySelector("#phone [data-act=on], #phone [data-act=take]"))?.focus();
    } finally {
      isAsking = false;
      draw();
    }
  }

  return { hear, row, shown: () => [helps, refused] };
}

/** So that a click that is sent twice is one. */
function newKey() {
  return crypto.randomUUID ? crypto.randomUUID() : `${Date.now()}-${Math.random().toString(36).slice(2)}`;
}
