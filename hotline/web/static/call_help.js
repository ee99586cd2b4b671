// @ts-check
// On a call's page, for supervisors: who was at the agent's side, from when, and who moved the caller while they waited.

import { ask } from "./ask.js";
import { at, el } from "./dom.js";
import { listen } from "./live.js";
import { clock } from "./times.js";
import { fill, words } from "./words.js";

const id = encodeURIComponent(String(at("call").dataset.id));

listen((message) => {
  if (message.type === "snapshot" || message.type === "live-help" || message.call?.id === at("call").dataset.id) read();
});

let asked = 0; // of two answers on their way the one that was asked for later counts

async function read() {
  const mine = ++asked;
  const steps = (await ask(`/api/v1/calls/${id}/help`).catch(() => null))?.steps;
  if (!steps || mine !== asked) return;
  at("call-help").hidden = !steps.length;
  at("call-help-steps").replaceChildren(...steps.map(row));
}

/** @param {any} step */
function row({ at: when, by_name, agent, agent_name, what, to }) {
  const where = words.queue[to] ?? (to === "front" ? words.by_hand.front : to);
  return el("li", {}, el("time", { class: "number soft" }, clock(when)), " ", fill(words.live_help.step[what] ?? what, { name: by_name, agent: agent_name || agent, to: where }));
}
