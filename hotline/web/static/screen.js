// @ts-check
// What a big screen does that runs for weeks without a hand: it says how fresh it is, comes again by itself, loads itself
// anew for a new build, and sounds while somebody in danger waits; where the browser forbids sound, it says so.

import { sound } from "./alarm.js";
import { at } from "./dom.js";
import { hurry, listen } from "./live.js";
import { between, nowThere, setClock, span } from "./times.js";

const SILENT_AFTER_MS = 30_000; // three signs of life that did not come
const TONE_MS = 3_000;
const RELOAD_AGAIN_MS = 60_000;
const RELOADED_FOR = "reloaded-for-build";

/**
 * @param {(message: any) => void} hear is given each message
 * @param {() => boolean} isDanger whether the screen has to sound now
 * @param {() => void} [tick] is called each second
 */
export function runScreen(hear, isDanger, tick = () => undefined) {
  let heardAt = Date.now();
  let lastTone = 0;
  const isAskedFor = new URLSearchParams(location.search).get("sound") === "on";

  listen((message) => {
    heardAt = Date.now();
    if (message.at) setClock(message.at);
    if (message.build && message.build !== document.body.dataset.build) return reload(message.build);
    hear(message);
  });

  setInterval(() => {
    at("clock").textContent = nowThere().slice(11);
    for (const one of document.querySelectorAll("[data-since]")) {
      const text = span(between(String(/** @type {HTMLElement} */ (one).dataset.since)));
      if (one.textContent !== text) one.textContent = text;
    }
    tick();
    at("sound").hidden = sound.isOn();
    if (isDanger() && Date.now() - lastTone >= TONE_MS) {
      lastTone = Date.now();
      sound.play();
    }
    if (Date.now() - heardAt > SILENT_AFTER_MS) {
      heardAt = Date.now();
      hurry();
    }
  }, 1000);

  // A television has nobody who clicks: started with sound allowed, its address says so.
  if (isAskedFor) sound.turnOn().catch(() => undefined);
  at("sound").dataset.is = isAskedFor ? "lost" : "unknown";
}

/** Once for a build at once; a page that never fits must not spin. @param {string} build */
function reload(build) {
  const isAgain = sessionStorage.getItem(RELOADED_FOR) === build;
  sessionStorage.setItem(RELOADED_FOR, build);
  setTimeout(() => location.reload(), isAgain ? RELOAD_AGAIN_MS : 0);
}
