// @ts-check
// Why a caller waited too long, as a plain sentence.

import { el } from "./dom.js";
import { exact } from "./times.js";
import { fill, say, words } from "./words.js";

const AFTER_WAITING = new Set(["call-back", "message"]); // the caller had given up waiting

/** An extension, or whose duty an outside telephone is. @param {string} agent */
export function agentName(agent) {
  return words.duty[agent] ?? say("agent_named", { agent });
}

/** What the menu's keys asked for: the request's name, and the keys as pressed. @param {any} call */
export function requestOf(call) {
  const keys = call.menu_path.filter(Boolean).join(" › ");
  const name = words.kind[call.request];
  const pressed = keys ? say("keys", { keys }) : call.menu_path.length ? words.no_key : "";
  return [name, pressed].filter(Boolean).join(" · ");
}

/**
 * Say how late and why: 迟接 38 秒：坐席 8001 振铃 15 秒未接，排队 12 秒无空闲坐席. Empty for a call in time.
 * @param {any} call
 */
export function lateBecause(call) {
  if (!call.late) return "";
  const waited = call.legs.filter((/** @type {any} */ leg) => !AFTER_WAITING.has(leg.kind));
  const human = waited.reduce((/** @type {number} */ sum, /** @type {any} */ leg) => sum + leg.seconds, 0);
  const what = fill(words.late[call.late], { n: whole(call.late === "switch" ? call.answer_seconds : human) });
  return say("late_because", { what, causes: causes(call.legs).join(words.then) });
}

/** One phrase for each cause, those of the same kind and agents added up. @param {any[]} legs */
function causes(legs) {
  /** @type {Map<string, any>} */
  const sums = new Map();
  for (const leg of legs.filter((one) => one.is_cause)) {
    const key = `${leg.kind} ${leg.agents.join()} ${leg.detail}`;
    sums.set(key, { ...leg, seconds: leg.seconds + (sums.get(key)?.seconds ?? 0) });
  }
  return [...sums.values()].map((leg) =>
    fill(words.cause[leg.kind], {
      n: whole(leg.seconds),
      agent: leg.agents.map(agentName).join(words.and),
      detail: words.detail[leg.detail] ?? "",
    }),
  );
}

/** Every leg of the wait with its seconds, in order. @param {any} call */
export function legList(call) {
  return el(
    "ol",
    { class: "legs" },
    call.legs.map((/** @type {any} */ leg) =>
      el(
        "li",
        { "data-is": leg.kind, class: leg.is_cause ? "cause" : null },
        words.leg[leg.kind],
        leg.agents.length > 0 && ` ${leg.agents.map(agentName).join(words.and)}`,
        leg.detail && ` ${words.detail[leg.detail] ?? leg.detail}`,
        leg.seconds > 0 && el("b", {}, ` ${exact(leg.seconds)}`),
      ),
    ),
  );
}

/** @param {number} seconds */
function whole(seconds) {
  return Math.round(seconds);
}
