// @ts-check
// The duty desk: what the live socket says, drawn.

import { mountAgents } from "./agents.js";
import { callCard, tick, who } from "./card.js";
import { at, el } from "./dom.js";
import { entryRow } from "./entries.js";
import { showFigures } from "./figures.js";
import { listen } from "./live.js";
import { lastWords, takeWords } from "./live_words.js";
import { say, words } from "./words.js";

const ENDED_STAYS_MS = 20_000;
const ENTRIES_SHOWN = 30;

const agents = mountAgents(at("agents"), at("agents").dataset.decides === "yes");
/** @type {Map<string, any>} calls on the screen, by id */
const calls = new Map();
/** @type {Map<string, ReturnType<typeof setTimeout>>} */
const leaving = new Map();
/** @type {any} */
let today = null;
/** @type {Record<string, string>} an agent's extension to the name */
let names = {};

listen((message) => {
  const spoke = takeWords(message);
  agents.hear(message);
  switch (message.type) {
    case "snapshot":
      showBoard(message.board);
      keepOnly(message.calls);
      today = message.today;
      at("entries").replaceChildren(...message.duty_log.map(entryRow));
      break;
    case "call":
      changeCall(message.call);
      break;
    case "duty-entry":
      showEntry(message.entry);
      break;
    case "board":
      showBoard(message.board);
      break;
    case "today":
      today = message.today;
      break;
  }
  spoke.forEach(showWords);
  draw();
});

setInterval(() => tick(at("open-calls")), 100);
setInterval(draw, 5_000);

function draw() {
  if (!today) return;
  const open = [...calls.values()].filter((call) => call.state !== "ended");
  showFigures(today, open);
  at("open-count").textContent = String(open.length);
  at("no-entries").hidden = at("entries").childElementCount > 0;
}

/** @param {any[]} open */
function keepOnly(open) {
  const ids = new Set(open.map((call) => call.id));
  for (const id of [...calls.keys()]) if (!ids.has(id)) remove(id);
  for (const call of open) changeCall(call);
  if (!calls.size) at("open-calls").replaceChildren(el("p", { class: "empty" }, words.no_open_calls));
}

/** @param {any} call */
function changeCall(call) {
  const box = at("open-calls");
  const known = calls.get(call.id);
  if (!known && call.state === "ended") return; // over before this page was opened
  if (known?.state !== call.state) {
    if (!known) announce(say("new_call", { who: who(call) }));
    else if (call.state === "ended") announce(say("call_over", { who: who(call) }));
  }
  calls.set(call.id, call);
  const card = callCard(call, names);
  const old = box.querySelector(`[data-id="${CSS.escape(call.id)}"]`);
  if (old) {
    const hadFocus = old === document.activeElement;
    old.replaceWith(card);
    if (hadFocus) card.focus();
  } else {
    box.querySelector(".empty")?.remove();
    box.prepend(card);
    card.classList.add("arriving");
  }
  showWords(call.id);
  if (call.state === "ended" && !leaving.has(call.id)) {
    leaving.set(call.id, setTimeout(() => remove(call.id), ENDED_STAYS_MS));
  }
}

/** @param {string} id */
function showWords(id) {
  const card = at("open-calls").querySelector(`[data-id="${CSS.escape(id)}"]`);
  card?.querySelector(".said")?.remove();
  card?.append(...[lastWords(id)].filter((line) => line !== null));
}

/** @param {string} id */
function remove(id) {
  clearTimeout(leaving.get(id));
  leaving.delete(id);
  calls.delete(id);
  at("open-calls").querySelector(`[data-id="${CSS.escape(id)}"]`)?.remove();
  if (!calls.size) at("open-calls").replaceChildren(el("p", { class: "empty" }, words.no_open_calls));
  draw();
}

/** @param {any} entry */
function showEntry(entry) {
  const body = at("entries");
  const row = entryRow(entry);
  const old = body.querySelector(`[data-number="${entry.number}"]`);
  if (old?.textContent === row.textContent) return;
  row.classList.add("fresh");
  const older = [...body.children].find((other) => Number(/** @type {HTMLElement} */ (other).dataset.number) < entry.number);
  if (old) old.replaceWith(row);
  else body.insertBefore(row, older ?? null);
  while (body.childElementCount > ENTRIES_SHOWN) body.lastElementChild?.remove();
}

/** @param {any} board */
function showBoard(board) {
  names = Object.fromEntries(board.agents.map((/** @type {any} */ agent) => [agent.extension, agent.name]));
  const link = at("switch");
  link.dataset.is = board.is_current ? "live" : "lost";
  link.textContent = board.is_current ? words.link_up : words.link_down;
  agents.show(board);
}

/** @param {string} text */
function announce(text) {
  at("announce").textContent = text;
}
