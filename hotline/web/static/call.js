// @ts-check
// The page of one call: read whole from the API, and again whenever the live socket names it.

import { ask } from "./ask.js";
import { at, el } from "./dom.js";
import { drawEntries } from "./entry_form.js";
import { agentName, lateBecause, legList, requestOf } from "./lateness.js";
import { listen } from "./live.js";
import { drawLiveTalk, saidIn, takeWords } from "./live_words.js";
import { drawHold } from "./hold.js";
import { drawRecording, playBoth } from "./player.js";
import { drawTalk, markTurn } from "./talk.js";
import { drawTimeline } from "./timeline.js";
import { clock, dayAndClock, exact, span } from "./times.js";
import { say, words } from "./words.js";

const id = String(at("call").dataset.id);
const address = `/api/v1/calls/${encodeURIComponent(id)}`;
/** @type {any} */
let call = null;
let revealed = "";
let isReading = false;
let isOld = false;
// Asked for from the page of what is owed: the message begins so many seconds into the recording.
let playFrom = Number.parseFloat(new URLSearchParams(location.search).get("t") ?? "");

listen((message) => {
  const isOurs = message.type === "snapshot" || message.call?.id === id || message.entry?.call_id === id;
  if (takeWords(message).includes(id) && call) drawConversation();
  if (isOurs) read();
});
setInterval(() => call && call.state !== "ended" && drawTimeline(at("timeline"), call), 1_000);
// Words may be written down by a worker whose word reaches us late: look while something is expected.
setInterval(() => call && call.state === "ended" && isWaiting() && read(), 3_000);
new ResizeObserver(() => call && drawTimeline(at("timeline"), call)).observe(at("timeline"));

async function read() {
  isOld = true;
  if (isReading) return;
  isReading = true;
  try {
    while (isOld) {
      isOld = false;
      call = await ask(address);
      draw();
    }
  } catch {
    // The freshness mark tells; the next message reads again.
  } finally {
    isReading = false;
  }
}

function drawLateness() {
  const box = at("late-because");
  const said = lateBecause(call);
  box.hidden = !call.legs.length;
  box.dataset.is = said ? "late" : "in-time";
  box.replaceChildren(...(said ? [el("b", {}, said)] : []), legList(call));
}

function isWaiting() {
  const state = call.recording?.state;
  if (!state || ["missing", "empty", "refused", "removed", "expiring", "expired"].includes(state)) return false;
  return !call.transcript || call.transcript.state === "running";
}

function draw() {
  const person = [call.resident?.home, call.resident?.name].filter(Boolean).join(" ");
  at("title").replaceChildren(
    revealed || call.number || words.withheld,
    ...(person ? [" ", el("span", { class: "soft" }, person)] : []),
    " ",
    el("span", { class: "tag", "data-is": call.outcome ?? call.state }, call.outcome ? words.outcome[call.outcome] : words.state[call.state]),
  );
  drawTimeline(at("timeline"), call);
  drawLateness();
  at("facts").replaceChildren(...facts());
  drawRecording(at("recording"), call, (seconds) => markTurn(at("talk"), seconds));
  drawHold(at("hold"), call, address);
  if (playFrom >= 0 && at("recording").querySelector("audio")) {
    playBoth(at("recording"), playFrom);
    playFrom = NaN; // once
  }
  drawConversation();
  drawEntries(at("entries"), call, (seconds) => playBoth(at("recording"), seconds));
}

/** Live words while there are no others; what was written down for good takes their place. */
function drawConversation() {
  const box = at("talk");
  if (!call.transcript?.turns.length && saidIn(id).length) {
    drawLiveTalk(box, id);
    return;
  }
  box.setAttribute("aria-live", "polite");
  drawTalk(box, call, (seconds) => playBoth(at("recording"), seconds));
}

function facts() {
  const seconds = (/** @type {number | null} */ value) => (value === null ? words.none : exact(value));
  const isLate = call.is_within_three_rings === false;
  /** @type {[string, any][]} */
  const rows = [
    [words.fact.number, numberFact()],
    [words.fact.resident, call.resident?.name || words.unknown_person],
    [words.fact.home, call.resident?.home || words.none],
    [words.fact.request, [requestOf(call) || words.none, call.is_emergency && el("span", { class: "tag alarm" }, words.fact.emergency)]],
    [words.clock_answer_long, el("b", { class: isLate ? "late" : null }, seconds(call.answer_seconds), call.rings_heard !== null && ` · ${say("rings", { n: call.rings_heard })}`)],
    [words.clock_human_long, el("b", { class: call.late === "human" ? "late" : null }, seconds(call.human_seconds))],
    [words.columns.queue_wait, seconds(call.queue_seconds)],
    [words.fact.talk, call.talk_seconds === null ? words.none : span(call.talk_seconds)],
    [words.fact.agent, call.agent ? words.duty[call.agent] ?? call.agent : words.none],
    [words.fact.outcome, call.outcome ? words.outcome[call.outcome] : words.state[call.state]],
  ];
  if (call.ended_by_caller !== null && call.ended_at) rows.push([words.fact.ended_by, call.ended_by_caller ? words.by_caller : words.by_agent]);
  if (call.without_service) rows.push([words.fact.without_service, words.without_service[call.without_service] ?? call.without_service]);
  rows.push(...latterFacts());
  if (call.oddities.length) rows.push([words.fact.oddities, call.oddities.join("；")]);
  return rows.map(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]).flat();
}

/** What only some calls have. @returns {[string, any][]} */
function latterFacts() {
  const link = (/** @type {string} */ other) => el("a", { href: `/calls/${encodeURIComponent(other)}` }, words.open_call);
  const noted = call.acknowledged;
  /** @type {[any, string, any][]} */
  const rows = [
    [call.notice_version || call.recording_refused, words.fact.notice, [
      call.notice_version ? say("notice_text", { version: call.notice_version }) : words.notice_none,
      call.recording_refused && el("b", { class: "late" }, words.refused_recording),
    ]],
    [call.look_up, words.fact.look_up, words.look_up[call.look_up] ?? call.look_up],
    [call.language, words.fact.language, words.language[call.language] ?? call.language],
    [call.talks.length > 1 || call.hold_seconds, words.fact.talks, call.talks.map(talkFact)],
    [call.transfers.some((/** @type {any} */ one) => one.result === "returned"), words.fact.handed_back, call.transfers.filter((/** @type {any} */ one) => one.result === "returned").map((/** @type {any} */ one) => el("div", {}, say("handed_back", { by: agentName(one.by), to: agentName(one.to), time: clock(one.at) })))],
    [call.incident, words.fact.incident, `№${call.incident} · ${call.joined_incident ? words.incident_joined : words.incident_told}`],
    [call.call_back_at, words.fact.call_back, clock(call.call_back_at)],
    [call.message_at, words.fact.message, messageFact()],
    [call.satisfaction, words.fact.satisfaction, words.satisfaction[call.satisfaction]],
    [call.returns, words.fact.returns, link(call.returns)],
    [call.returned_by.length, words.fact.returned_by, call.returned_by.map(link)],
    [call.alert_words.length, words.fact.danger, call.alert_words.map(dangerFact)],
    [noted, words.fact.noted, noted && say("noted_by", { name: noted.name, time: dayAndClock(noted.at) })],
  ];
  return rows.filter(([has]) => has).map(([, name, value]) => [name, value]);
}

/** Who spoke with the caller, from when, how it came to that, and how long the caller was on hold. @param {any} talk */
function talkFact(talk) {
  const held = talk.holds.reduce((/** @type {number} */ sum, /** @type {any} */ hold) => sum + (hold.seconds ?? 0), 0);
  return el("div", {}, el("b", {}, agentName(talk.agent)), ` ${clock(talk.began)} ${words.talk_how[talk.how] ?? talk.how}`, held > 0 && ` · ${words.segment.hold} ${exact(held)}`);
}

/** @param {any} said */
function dangerFact(said) {
  return el("span", { class: "tag alarm" }, `${said.word} · ${words[`side_${said.side}`]} ${clock(said.at)}`);
}

function messageFact() {
  const from = call.message_seconds;
  if (from === null) return clock(call.message_at);
  return el("button", { type: "button", onclick: () => playBoth(at("recording"), from) }, "▸ ", say("message_at", { time: span(from) }));
}

function numberFact() {
  if (revealed || !call.number || !call.is_masked) return el("span", { class: "number" }, revealed || call.number || words.withheld);
  return [
    el("span", { class: "number" }, call.number),
    el(
      "form",
      {
        class: "reveal",
        onsubmit: async (/** @type {SubmitEvent} */ event) => {
          event.preventDefault();
          const reason = new FormData(/** @type {HTMLFormElement} */ (event.target)).get("reason");
          revealed = (await ask(`${address}/reveal`, { reason })).number;
          draw();
        },
      },
      el("select", { name: "reason", "aria-label": words.reveal_why }, words.reveal_reasons.map((/** @type {string} */ reason) => el("option", {}, reason))),
      el("button", {}, words.reveal),
    ),
  ];
}
