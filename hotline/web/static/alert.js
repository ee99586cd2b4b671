// @ts-check
// Emergency calls, red across every page until a human is there; unanswered ones until somebody takes note by name; talks
// in which a word of danger fell, for as long as they last.

import { sound } from "./alarm.js";
import { ask } from "./ask.js";
import { tick } from "./card.js";
import { at, el } from "./dom.js";
import { agentName } from "./lateness.js";
import { listen } from "./live.js";
import { between, clock, span } from "./times.js";
import { say, words } from "./words.js";

const OVER_STAYS_MS = 8_000; // so that every screen sees who took note
const TONE_MS = { calling: 2_000, unanswered: 10_000 };

/** @type {Map<string, any>} alerts on the screen, by the call's id, in the order they came */
const alerts = new Map();
let lastTone = 0;

listen((message) => {
  if (message.type === "snapshot") {
    const standing = new Set(message.alerts.map((/** @type {any} */ alert) => alert.call.id));
    for (const [id, alert] of alerts) if (!standing.has(id) && alert.state !== "over") change({ ...alert, state: "over" });
    message.alerts.forEach(change);
  } else if (message.type === "alert") {
    change(message.alert);
  }
});
setInterval(() => {
  tick(at("alerts"));
  alarm();
}, 500);
addEventListener("sound-on", () => {
  for (const button of at("alerts").querySelectorAll(".sound")) button.remove();
  lastTone = 0;
  alarm();
});

/** @param {any} alert */
function change(alert) {
  const id = alert.call.id;
  if (alert.state === "over" && !alerts.has(id)) return; // over before this page was opened
  if (alert.state === "danger" && alert.danger.length > (alerts.get(id)?.danger.length ?? 0)) sound.play();
  alerts.set(id, alert);
  draw(alert);
  if (alert.state === "over") setTimeout(() => leave(id), alert.acknowledged ? OVER_STAYS_MS : 0);
  alarm();
}

/** @param {string} id */
function leave(id) {
  if (alerts.get(id)?.state !== "over") return;
  alerts.delete(id);
  banner(id)?.remove();
}

/** @param {string} id */
function banner(id) {
  return at("alerts").querySelector(`[data-id="${CSS.escape(id)}"]`);
}

/** @param {any} alert */
function draw(alert) {
  const { call, state, acknowledged } = alert;
  const shown = JSON.stringify([state, call.number, call.resident, call.agent, acknowledged, alert.danger]);
  const old = /** @type {HTMLElement | null} */ (banner(call.id));
  if (old?.dataset.shown === shown) return; // an alert that is drawn again is read out again
  const drawn = el(
    "div",
    { class: "alert", role: "alert", "data-id": call.id, "data-is": state, "data-shown": shown },
    el("strong", {}, words.alert[state]),
    el("span", { class: "who" }, [call.resident?.home && el("b", {}, call.resident.home), " ", call.resident?.name || words.unknown_person]),
    el("span", { class: "number" }, call.number || words.withheld),
    call.resident?.is_elderly_alone && el("span", { class: "tag" }, words.elderly_alone),
    state === "danger" && el("b", { class: "danger-words" }, alert.danger.map((/** @type {any} */ said) => said.word).join(words.and)),
    (state === "answered" || state === "danger") && call.agent && el("span", {}, agentName(call.agent)),
    state === "calling" && waiting(call),
    state === "unanswered" && el("span", {}, `${clock(call.ring_start)} · ${span(between(call.ring_start, call.ended_at))}`),
    acknowledged && el("span", {}, say("noted_by", { name: acknowledged.name, time: clock(acknowledged.at) })),
    el("a", { class: "button", href: `/calls/${encodeURIComponent(call.id)}` }, words.open_call),
    state === "unanswered" && acknowledgeButton(call),
    !sound.isOn() && (state === "calling" || state === "unanswered") && el("button", { type: "button", class: "sound" }, words.alert_sound),
  );
  if (old) old.replaceWith(drawn);
  else at("alerts").append(drawn);
}

/** The running seconds: shown, and not read out each second. @param {any} call */
function waiting(call) {
  return el(
    "span",
    { class: "waiting", role: "timer", "aria-live": "off" },
    el("b", { class: "number", "data-since": call.ring_start, "data-form": "span" }, span(between(call.ring_start))),
  );
}

/** @param {any} call */
function acknowledgeButton(call) {
  const refused = el("span", { hidden: true }, words.alert_refused);
  const acknowledge = async () => {
    try {
      await ask(`/api/v1/alerts/${encodeURIComponent(call.id)}/acknowledge`, {});
    } catch {
      refused.hidden = false;
    }
  };
  return [el("button", { type: "button", onclick: acknowledge }, words.alert_acknowledge), refused];
}

/** Sound the alarm as often as the gravest alert asks. */
function alarm() {
  const states = [...alerts.values()].map((alert) => alert.state);
  const every = states.includes("calling") ? TONE_MS.calling : states.includes("unanswered") ? TONE_MS.unanswered : 0;
  if (!every || Date.now() - lastTone < every) return;
  lastTone = Date.now();
  sound.play();
}
