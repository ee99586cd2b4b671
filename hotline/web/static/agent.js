// @ts-check
// An agent's page: one screen for the whole job. This file says who is told what; each part draws itself.

import { drawIdle } from "./agent_idle.js";
import { mountGuide } from "./agent_guide.js";
import { mountKeys, mountUrgentKeys, isTyping, toggleShortcuts } from "./agent_keys.js";
import { hush, mountStates, refusal, tell } from "./agent_states.js";
import { drawTimers } from "./agent_timers.js";
import { mountWords } from "./agent_words.js";
import { isBefore, seatOf } from "./agent_call.js";
import { ask } from "./ask.js";
import { tick } from "./card.js";
import { at, el } from "./dom.js";
import { keepFor } from "./left_here.js";
import { listen } from "./live.js";
import { takeWords } from "./live_words.js";
import { mountMyList } from "./my_list.js";
import { mountPhone } from "./phone.js";
import { drawPop } from "./pop.js";
import { between, span } from "./times.js";
import { fill, words } from "./words.js";
import { mountWrapUp } from "./wrap_up.js";

const HEARD_MS = 3_000;
const IDLE_MS = 60_000;
const LATE_S = 20; // a caller who waits longer than that is red

const me = /** @type {{name: string, extension: string, role: string, shown: string, centre: string}} */ (at("seat").dataset);
keepFor(me.name);
const seat = seatOf(me.extension);
const states = mountStates(at("my-state"), me.extension);
const guide = mountGuide(at("guide"), { centre: me.centre, role: me.role, onChecked: keepTicks });
const urgent = mountUrgentKeys(at("urgent-keys"), { onHelp: callHelp, onEmergency: raiseEmergency });
const said = mountWords(at("words"));
const list = mountMyList(at("my-list"), { onDial: draw, onOpen: open });
/** @type {import("./agent_call.js").Seated | null} */
let shown = null;
let poppedAs = "";
let writingOf = "";
let drafted = ""; // the kind of this call as its words say it
let waiting = 0;
let heardAt = 0;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let listening;
let idleAt = -IDLE_MS;
let isFinding = false;
/** @type {Set<string>} calls whose entry was written, or left for later, on this page */
const written = new Set();
/** @type {{check: (points: string[]) => void} | null} */
let wrapUp = null;

mountKeys({
  F1: { name: words.agent_page.shortcuts, act: toggleShortcuts },
  "?": { name: words.agent_page.shortcuts, act: toggleShortcuts },
  F2: { name: words.agent_page.key_ready, act: () => states.act(states.mine()?.state === "wrap-up" ? "wrap-up-done" : "ready") },
  F4: { name: words.agent_page.key_pause, act: states.openReasons },
  F6: { name: words.agent_page.key_pop, act: () => at("pop").focus() },
  F7: { name: words.agent_page.key_more, act: () => states.mine()?.state === "wrap-up" && states.act("more-time") },
  F8: { name: words.agent_page.key_help, act: urgent.callHelp },
  F9: { name: words.agent_page.key_emergency, act: urgent.press },
  F10: { name: words.agent_page.key_wrap_up, act: toForm },
  "Shift+F7": { name: words.agent_page.key_checks, act: guide.focus },
});
listen((message) => {
  const spoke = takeWords(message);
  seat.take(message);
  if (message.board) showBoard(message.board);
  if (message.type === "duty-entry" && message.entry.call_id === shown?.id) drafted = message.entry.kind;
  draw();
  said.take(message);
  if (shown && spoke.includes(shown.id)) {
    said.draw();
    listenFor(shown.id);
  }
});
setInterval(() => {
  tick(at("timers"));
  drawSituation();
}, 500);
setInterval(draw, 5_000);
at("wrap-up").addEventListener("change", ({ target }) => {
  if (target instanceof HTMLInputElement && target.name === "kind") guide.follow(target.value);
});

/** @param {any} board */
function showBoard(board) {
  const link = at("switch");
  link.dataset.is = board.is_current ? "live" : "lost";
  link.textContent = board.is_current ? words.link_up : words.link_down;
  waiting = board.waiting;
  states.show(board);
  const wish = (board.help ?? []).find((/** @type {any} */ one) => one.extension === me.extension);
  urgent.showHelp(wish ? wish.taken_by || true : false);
  drawSituation();
}

function drawSituation() {
  const waits = seat.calls().filter((call) => call.state === "waiting" && call.queued_at).map((call) => between(call.queued_at));
  const longest = Math.max(0, ...waits);
  const text = [Math.max(waiting, waits.length), span(longest)];
  const box = at("situation");
  if (box.dataset.shown === String(text)) return;
  box.dataset.shown = String(text);
  box.replaceChildren(
    el("span", {}, words.agent_page.waiting, " ", el("b", {}, text[0])),
    el("span", { class: longest > LATE_S ? "late" : null }, words.agent_page.longest, " ", el("b", {}, waits.length ? text[1] : words.none)),
  );
}

function draw() {
  const before = shown;
  const wasTyping = isTyping(); // what is hidden below loses the focus
  shown = seat.now();
  if (!shown && states.mine()?.state === "wrap-up") findWrapUp();
  at("columns").dataset.is = shown?.phase ?? "idle";
  for (const id of ["pop", "timers"]) at(id).hidden = !shown;
  at("said").hidden = !shown || isBefore(shown);
  at("idle").hidden = shown !== null;
  at("wrap-up").hidden = !shown || isBefore(shown);
  urgent.allowHelp(shown?.phase === "talking");
  list.leaveOut(shown?.phase === "wrap-up" ? shown.id : "");
  if (shown?.id !== before?.id) drafted = "";
  if (!shown) {
    poppedAs = "";
    if (before) guide.begin("", "greeting");
    return drawEmpty();
  }
  idleAt = -IDLE_MS;
  drawTimers(at("timers"), shown, seat.myTalk(shown.call), later);
  drawWhoCalls(shown);
  guide.begin(shown.id, kindOf(shown));
  if (!isBefore(shown)) writeOf(shown.id);
  if (!shown.call && shown.phase === "wrap-up") readCall(shown.id);
  if (before?.id !== shown.id || before.phase !== shown.phase) arrive(shown, before, wasTyping);
}

/** The kind of a call: of its form, which follows the draft, else as the words or the menu say it. @param {import("./agent_call.js").Seated} now */
function kindOf(now) {
  if (now.call?.is_emergency) return "special-help";
  const inForm = writingOf === now.id && /** @type {HTMLInputElement | null} */ (at("wrap-up").querySelector("input[name=kind]:checked"))?.value;
  return [inForm, drafted, now.call?.request].find((kind) => kind && kind !== "unknown") || "";
}

function drawEmpty() {
  if (writingOf) {
    writingOf = "";
    wrapUp = null;
    at("wrap-up").replaceChildren();
  }
  if (performance.now() - idleAt < IDLE_MS || !me.extension) return;
  idleAt = performance.now();
  drawIdle(at("idle"), me.extension).catch(() => undefined);
}

/** A call came, or went on: said aloud for who does not look; the focus moves only where nothing is being typed.
 * @param {import("./agent_call.js").Seated} now @param {import("./agent_call.js").Seated | null} before @param {boolean} wasTyping */
function arrive(now, before, wasTyping) {
  if (now.phase === "talking") hush();
  said.show(now.id, now.phase === "wrap-up");
  listenFor(now.id, true);
  if (before?.id !== now.id) {
    const who = [now.call?.resident?.home ?? now.pop?.home?.label, now.call?.resident?.name || now.pop?.salutation || now.call?.number || now.pop?.number].filter(Boolean).join(" ");
    at("announce").textContent = fill(words.agent_page.announced[now.phase], { who });
    if (isBefore(now) && !wasTyping) at("pop").focus({ preventScroll: true });
  }
  if (now.phase === "talking" && before?.id === now.id) listenFor(now.id, true);
  if (now.phase === "wrap-up" && !wasTyping) toEntry();
}

/** @param {import("./agent_call.js").Seated} now */
async function drawWhoCalls(now) {
  if (!now.pop && poppedAs !== `asked ${now.id}`) {
    poppedAs = `asked ${now.id}`;
    seat.keepPop(now.id, await ask(`/api/v1/calls/${encodeURIComponent(now.id)}/pop`).catch(() => null));
    return draw();
  }
  const as = JSON.stringify([now.id, now.pop]);
  if (!now.pop || as === poppedAs) return;
  poppedAs = as;
  drawPop(at("pop"), now.pop, { onChoose: () => listenFor(now.id, true) });
}

/** The form of the call's entry, from the talk's beginning until it is written. @param {string} id */
function writeOf(id) {
  if (writingOf === id) return;
  writingOf = id;
  const box = el("div"); // one for each call: the form of the call before lets go of what it held
  at("wrap-up").replaceChildren(box);
  wrapUp = mountWrapUp(box, { callId: id, onDone: () => done(id), onTicks: guide.tick });
}

/** @param {string} id */
async function done(id) {
  written.add(id);
  if (seat.wrapping() === id) seat.writeOf("");
  if (states.mine()?.state === "wrap-up") await states.act("wrap-up-done");
  draw();
}

/** Write of a call that waits in the list, unless another is on the line. @param {string} id */
async function open(id) {
  if (shown && shown.phase !== "wrap-up") return;
  const call = await ask(`/api/v1/calls/${encodeURIComponent(id)}`).catch((wrong) => tell(refusal(wrong)));
  if (!call || (shown && shown.phase !== "wrap-up")) return;
  written.delete(id);
  seat.keep(call);
  seat.writeOf(id);
  draw();
}

/** Somebody writes it later, from the list; what was typed is kept. */
function later() {
  written.add(shown?.id ?? "");
  seat.writeOf("");
  draw();
}

/** A page that was reloaded knows the id of what it wrote about, and no more. @param {string} id */
async function readCall(id) {
  if (isFinding) return;
  isFinding = true;
  try {
    seat.keep(await ask(`/api/v1/calls/${encodeURIComponent(id)}`));
    draw();
  } catch {
    // A call that began this second: the live socket tells it.
  } finally {
    isFinding = false;
  }
}

/** A page opened in the middle of a wrap-up: the state says of which call. */
async function findWrapUp() {
  const id = states.mine()?.call_id;
  if (!id || isFinding || written.has(id)) return;
  isFinding = true;
  try {
    seat.keep(await ask(`/api/v1/calls/${encodeURIComponent(id)}`));
    seat.writeOf(id);
    draw();
  } catch {
    // The next look tries again.
  } finally {
    isFinding = false;
  }
}

/** What the draft knows by now; asked for at most every few seconds. @param {string} id @param {boolean} [atOnce] */
async function listenFor(id, atOnce = false) {
  if (shown && ["dialling", "calling"].includes(shown.phase)) return; // a call of ours: nobody has said a word yet
  const wait = HEARD_MS - (performance.now() - heardAt);
  clearTimeout(listening);
  if (!atOnce && wait > 0) {
    listening = setTimeout(listenFor, wait, id); // the last word of a burst counts, too
    return;
  }
  heardAt = performance.now();
  const heard = await ask(`/api/v1/calls/${encodeURIComponent(id)}/heard`).catch(() => null);
  if (!heard || shown?.id !== id) return;
  const known = Object.fromEntries(
    heard.drafted.filter((/** @type {any} */ one) => one.value && one.certainty !== "unsure").map((/** @type {any} */ one) => [one.field, one]),
  );
  if (heard.who) known.who = { value: heard.who, phrase: "", origin: "resident" };
  said.listening(heard.is_listening);
  guide.knows(known);
  drafted = heard.kind;
  guide.suggest(kindOf(shown));
}

/** @param {string[]} checked */
function keepTicks(checked) {
  wrapUp?.check(checked);
}

async function callHelp() {
  if (shown?.phase !== "talking") return tell(words.agent_page.help_in_talk);
  await ask("/api/v1/agents/me/help", {}).catch((wrong) => tell(refusal(wrong)));
}

async function raiseEmergency() {
  try {
    if (shown?.phase !== "talking") throw new Error("not-in-this-call");
    await ask(`/api/v1/calls/${encodeURIComponent(shown.id)}/emergency`, {});
  } catch (wrong) {
    tell(refusal(wrong));
    throw wrong;
  }
}

/** While one talks, to the notes: what is said is written down first. From there, and after the talk, to the entry. */
function toForm() {
  const notes = /** @type {HTMLElement | null} */ (at("wrap-up").querySelector("[name=notes]"));
  if (shown?.phase === "talking" && notes && document.activeElement !== notes) notes.focus();
  else toEntry();
}

/** To what needs a look, else to the kind, where a digit chooses and Ctrl+Enter confirms. */
function toEntry() {
  const box = at("wrap-up");
  const field = ["[data-look] :is(input, select, textarea)", "input[name=kind]:checked", "button"].map((one) => box.querySelector(one)).find(Boolean);
  /** @type {HTMLElement | null | undefined} */ (field)?.focus();
}

mountPhone(at("phone"), me);
