// @ts-check
// What a supervisor switches by hand, on the desk: the night plan, queues; and callers who wait, led elsewhere.

import { ask } from "./ask.js";
import { tick } from "./card.js";
import { at, el } from "./dom.js";
import { listen } from "./live.js";
import { between, clock, span } from "./times.js";
import { fill, words } from "./words.js";

const own = words.by_hand;
/** @type {any} */
let told = null;
let asked = 0; // of two answers on their way the one that was asked for later counts
/** @type {any[]} */
let agents = [];
/** @type {Map<string, any>} callers who wait, by call */
const waiting = new Map();
let refused = "";
let drawn = "";
let asking = ""; // which switch is to be confirmed: one slip of the hand must not send every caller elsewhere
const ASKED_FOR = 5_000; // ms

listen(async (message) => {
  if (message.board) agents = message.board.agents;
  if (message.type === "snapshot") {
    waiting.clear();
    message.calls.forEach(take);
  }
  if (message.type === "call") take(message.call);
  if (message.type === "snapshot" || message.type === "by-hand") await read();
  draw();
});
setInterval(() => tick(at("by-hand")), 1000);

async function read() {
  const mine = ++asked;
  const found = await ask("/api/v1/by-hand").catch(() => null);
  if (found && mine === asked) told = found;
}

/** @param {any} call */
function take(call) {
  if (call.state === "waiting" && call.direction === "inbound" && !call.is_emergency) waiting.set(call.id, call);
  else waiting.delete(call.id);
}

function draw() {
  const free = agents.filter((one) => one.state === "ready").map(({ extension, name }) => ({ extension, name }));
  const shown = JSON.stringify([told, [...waiting.values()].map((one) => [one.id, one.queue, one.queued_at]), free, refused, asking]);
  if (!told || shown === drawn) return;
  drawn = shown;
  const box = at("by-hand");
  const focus = /** @type {HTMLElement | null} */ (box.contains(document.activeElement) ? document.activeElement : null)?.dataset.key;
  box.replaceChildren(
    plan(),
    el("div", { class: "switches", role: "group", "aria-label": own.queues }, el("b", {}, own.queues), told.queues.map(queue)),
    ...(waiting.size ? [el("ul", { class: "movable", "aria-label": own.waiting }, [...waiting.values()].map((call) => row(call, free)))] : []),
    el("p", { class: "refused", role: "alert", hidden: !refused }, refused),
  );
  if (focus) /** @type {HTMLElement | null} */ (box.querySelector(`[data-key="${CSS.escape(focus)}"]`))?.focus();
}

function plan() {
  const { is_open, is_scheduled, by_name, since } = told.plan;
  const value = by_name ? "scheduled" : is_open ? "closed" : "open";
  return el(
    "div",
    { class: "switches", role: "group", "aria-label": own.plan },
    el("b", {}, own.plan),
    el("span", { class: "tag", "data-is": is_open ? "open" : "closed" }, is_open ? own.open : own.closed),
    by_name && el("small", { class: "soft" }, fill(own.by, { name: by_name, at: clock(since) }), " ", is_scheduled ? own.until_closing : own.until_opening),
    sure("plan", own.plan_to[value], {}, () => act("/api/v1/by-hand/plan", { value })),
    el("button", { type: "button", "data-key": "notice", onclick: () => at("raise-incident").click() }, own.notice),
  );
}

/** @param {any} one */
function queue(one) {
  const name = words.queue[one.queue] ?? one.queue;
  const key = `queue-${one.queue}`;
  const turn = () => act(`/api/v1/by-hand/queues/${one.queue}`, { is_closed: !one.is_closed });
  if (!one.is_closed) return sure(key, fill(own.queue_is_open, { name }), { "aria-pressed": "false", title: own.queue_close }, turn, fill(own.queue_sure, { name }));
  return el(
    "button",
    { type: "button", "data-key": key, "aria-pressed": "true", title: own.queue_open, onclick: turn },
    fill(own.queue_is_closed, { name }),
    el("small", {}, ` ${fill(own.by, { name: one.by_name, at: clock(one.since) })}`),
  );
}

/** A button that asks once more, for a few seconds. @param {string} key @param {string} text @param {object} more @param {() => void} turn @param {string} [again] */
function sure(key, text, more, turn, again = fill(own.sure, { act: text })) {
  if (asking === key) return el("button", { type: "button", class: "primary", "data-key": key, ...more, onclick: () => { asking = ""; turn(); } }, again);
  const askAgain = () => {
    asking = key;
    draw();
    setTimeout(() => { if (asking === key) { asking = ""; draw(); } }, ASKED_FOR);
  };
  return el("button", { type: "button", "data-key": key, ...more, onclick: askAgain }, text);
}

/** @param {any} call @param {{extension: string, name: string}[]} free */
function row(call, free) {
  const to = /** @type {HTMLSelectElement} */ (
    el(
      "select",
      { "data-key": `to-${call.id}`, "aria-label": own.move_to },
      el("option", { value: "front" }, own.front),
      told.queues.filter((/** @type {any} */ one) => one.queue !== call.queue && !one.is_closed).map((/** @type {any} */ one) => el("option", { value: one.queue }, words.queue[one.queue] ?? one.queue)),
      free.map((one) => el("option", { value: one.extension }, `${one.name} ${one.extension}`.trim())),
    )
  );
  return el(
    "li",
    { "data-call": call.id },
    el("a", { href: `/calls/${encodeURIComponent(call.id)}` }, call.resident?.home || call.number || words.withheld),
    el("span", { class: "soft" }, words.queue[call.queue] ?? call.queue),
    el("b", { class: "number", "data-since": call.queued_at ?? call.ring_start, "data-form": "span" }, span(between(call.queued_at ?? call.ring_start))),
    to,
    el("button", { type: "button", "data-key": `move-${call.id}`, onclick: () => act(`/api/v1/calls/${encodeURIComponent(call.id)}/move`, { to: to.value }, own.moved) }, own.move),
  );
}

/** @param {string} address @param {any} body @param {string} [done] */
async function act(address, body, done = own.done) {
  refused = "";
  const mine = asked;
  try {
    const answer = await ask(address, body);
    if (answer.plan && mine === asked) told = answer;
    at("announce").textContent = done;
  } catch (wrong) {
    const id = wrong instanceof Error ? wrong.message : "other";
    refused = words.live_help.refused[id] ?? words.errors[id] ?? words.errors.other;
  }
  draw();
}
