// @ts-check
// The sound of a call, both sides to be seen: the caller above, the agent below. One click or key and one is there.

import { ask } from "./ask.js";
import { el, svg } from "./dom.js";
import { span } from "./times.js";
import { say, words } from "./words.js";

const ROW = 44; // of the picture, in its own units; it is stretched to its box
const FULL = 255;
const SPEEDS = [1, 1.5, 2];
const STEPS_S = { ArrowRight: 5, ArrowUp: 5, ArrowLeft: -5, ArrowDown: -5, PageUp: 30, PageDown: -30 };

/** @typedef {{ audio: HTMLAudioElement, seconds: number, tick: () => void }} Player */
/** @type {WeakMap<HTMLElement, Player>} */
const players = new WeakMap();

/**
 * The player. It stays as it is while what can be played stays the same.
 * @param {HTMLElement} box
 * @param {any} call
 * @param {(seconds: number) => void} onTime told where the sound is, whenever that changes
 */
export function drawRecording(box, call, onTime) {
  const recording = call.recording;
  const isThere = Boolean(recording?.sides.length);
  const none = call.recording_refused ? words.refused_recording : words.no_recording;
  const state = recording ? words.recording_state[recording.state] ?? "" : none;
  const oddities = (recording?.oddities ?? []).map((/** @type {string} */ name) => words.recording_oddity[name] ?? name);
  const shown = JSON.stringify([isThere, state, oddities, recording?.form, recording?.is_held]);
  if (box.dataset.shown === shown) return;
  box.dataset.shown = shown;
  const old = players.get(box);
  const from = old?.audio.currentTime ?? 0;
  old?.audio.pause();
  players.delete(box);
  box.replaceChildren(
    ...(state ? [el("p", { class: "soft" }, state)] : []),
    ...oddities.map((/** @type {string} */ text) => el("p", { class: "oddity" }, text)),
    ...(recording?.is_held ? [el("p", { class: "soft small" }, words.recording_held)] : []),
  );
  if (!isThere) return;
  const player = makePlayer(box, call, onTime);
  players.set(box, player);
  if (from) player.audio.currentTime = from; // it was packed while somebody listened
}

/**
 * Play both sides from here.
 * @param {HTMLElement} box
 * @param {number} seconds
 */
export function playBoth(box, seconds) {
  const player = players.get(box);
  if (!player) return;
  player.audio.currentTime = seconds;
  player.tick();
  player.audio.play().catch(() => undefined); // not allowed to play yet, or the sound went away
}

/** @param {HTMLElement} box @param {any} call @param {(seconds: number) => void} onTime @returns {Player} */
function makePlayer(box, call, onTime) {
  const address = `/api/v1/calls/${encodeURIComponent(call.id)}/recording`;
  const length = Math.max(call.recording.seconds, 0.1);
  const audio = /** @type {HTMLAudioElement} */ (el("audio", { preload: "none", src: `${address}?side=both` }));
  const play = el("button", { type: "button", class: "play", "aria-label": words.play, onclick: toggle }, "▶");
  const time = el("span", { class: "number soft" });
  const failed = el("p", { class: "oddity", role: "alert", hidden: true }, words.play_failed);
  const rows = svg("g", { class: "rows" });
  const played = svg("rect", { class: "played", x: 0, y: 0, width: 0, height: 2 * ROW });
  const here = svg("line", { class: "here", x1: 0, x2: 0, y1: 0, y2: 2 * ROW });
  const picture = svg("svg", { viewBox: `0 0 1000 ${2 * ROW}`, preserveAspectRatio: "none", "aria-hidden": "true" }, played, rows, here);
  const track = el(
    "div",
    { class: "track", role: "slider", tabindex: "0", "aria-label": words.play_place, "aria-valuemin": 0, "aria-valuemax": Math.round(length), onclick: toClick, onkeydown: toKey },
    picture,
  );
  const speeds = SPEEDS.map((speed) => el("button", { type: "button", class: "speed", "aria-pressed": speed === 1 ? "true" : "false", onclick: () => run(speed) }, `${speed}×`));

  box.append(
    el("div", { class: "tracks" }, el("span", { class: "side", "data-is": "caller" }, words.recording_caller), el("span", { class: "side", "data-is": "agent" }, words.recording_agent), track),
    el("div", { class: "controls" }, play, time, el("span", { class: "speeds", role: "group", "aria-label": words.play_speed }, speeds), audio),
    failed,
  );
  for (const event of ["timeupdate", "seeking", "seeked", "ended"]) audio.addEventListener(event, tick);
  for (const event of ["play", "pause"]) audio.addEventListener(event, mark);
  audio.addEventListener("error", () => (failed.hidden = false));
  audio.addEventListener("playing", () => (failed.hidden = true));
  tick();
  ask(`${address}/picture`).then((told) => rows.replaceChildren(row(told.caller, 0, "caller"), row(told.agent, ROW, "agent")), () => undefined);
  return { audio, seconds: length, tick };

  function toggle() {
    if (audio.paused) audio.play().catch(() => undefined);
    else audio.pause();
  }

  function mark() {
    play.textContent = audio.paused ? "▶" : "❚❚";
    play.setAttribute("aria-label", audio.paused ? words.play : words.play_pause);
    tick();
  }

  function tick() {
    const at = Math.min(audio.currentTime, length);
    const x = String((1000 * at) / length);
    played.setAttribute("width", x);
    here.setAttribute("x1", x);
    here.setAttribute("x2", x);
    time.textContent = `${span(at)} / ${span(length)}`;
    track.setAttribute("aria-valuenow", String(Math.round(at)));
    track.setAttribute("aria-valuetext", say("play_at", { time: span(at), length: span(length) }));
    onTime(audio.paused && at === 0 ? -1 : at);
  }

  /** @param {number} seconds */
  function seek(seconds) {
    audio.currentTime = Math.min(Math.max(0, seconds), length);
    tick();
  }

  /** @param {MouseEvent} event */
  function toClick(event) {
    const { left, width } = track.getBoundingClientRect();
    seek((length * (event.clientX - left)) / width);
  }

  /** @param {KeyboardEvent} event */
  function toKey(event) {
    const step = STEPS_S[/** @type {keyof typeof STEPS_S} */ (event.key)];
    if (step) seek(audio.currentTime + step);
    else if (event.key === "Home") seek(0);
    else if (event.key === "End") seek(length);
    else if (event.key === " " || event.key === "Enter") toggle();
    else return;
    event.preventDefault();
  }

  /** @param {number} speed */
  function run(speed) {
    audio.playbackRate = audio.defaultPlaybackRate = speed;
    speeds.forEach((button, place) => button.setAttribute("aria-pressed", String(SPEEDS[place] === speed)));
  }
}

/** One side as a shape around its middle line. @param {number[]} levels @param {number} top @param {string} side */
function row(levels, top, side) {
  const middle = top + ROW / 2;
  const wide = 1000 / Math.max(1, levels.length);
  const high = levels.map((level) => Math.max(0.6, Math.sqrt(level / FULL) * (ROW / 2 - 2))); // a quiet voice is seen, too
  const above = high.map((half, place) => `${(place * wide).toFixed(1)},${(middle - half).toFixed(1)}`);
  const below = high.map((half, place) => `${(place * wide).toFixed(1)},${(middle + half).toFixed(1)}`).reverse();
  return svg("polygon", { class: "wave", "data-is": side, points: [...above, ...below].join(" ") });
}
