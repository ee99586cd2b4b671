// @ts-check
// The socket of the group's page: its centres, a snapshot, then what changed. Comes again by itself, and says how fresh it is.

import { turnToDoor } from "./ask.js";
import { at } from "./dom.js";
import { centresAfter } from "./group_view.js";
import { setClock } from "./times.js";
import { words } from "./words.js";

const SHORTEST_MS = 500;
const LONGEST_MS = 10_000;
const SILENT_AFTER_MS = 30_000; // three signs of life that did not come

/** @typedef {import("./group_view.js").Known} Known */

/**
 * Give the centres to `hear` each time something is told of them.
 * @param {(known: Known) => void} hear
 */
export function hearCentres(hear) {
  /** @type {Known} */
  let known = { centres: [], sum: null };
  let wait = SHORTEST_MS;
  let heardAt = Date.now();
  /** @type {WebSocket} */
  let socket;

  function connect() {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    socket = new WebSocket(`${scheme}://${location.host}/api/v1/centres/live`);
    socket.addEventListener("message", (event) => {
      const message = JSON.parse(event.data);
      heardAt = Date.now();
      setClock(message.at);
      known = centresAfter(known, message) ?? known;
      wait = SHORTEST_MS;
      show("live", words.live);
      hear(known);
    });
    socket.addEventListener("close", async () => {
      show("lost", words.live_lost);
      await turnAwayIfSignedOut();
      setTimeout(connect, wait);
      wait = Math.min(wait * 2, LONGEST_MS);
    });
  }

  connect();
  setInterval(() => {
    if (Date.now() - heardAt < SILENT_AFTER_MS) return;
    heardAt = Date.now();
    socket.close();
  }, 1000);
}

async function turnAwayIfSignedOut() {
  try {
    const answer = await fetch("/api/v1/me");
    if (answer.status === 401) turnToDoor();
  } catch {
    // The service is away; the next try will tell.
  }
}

/** @param {string} state @param {string} text */
function show(state, text) {
  const pill = at("group-fresh");
  pill.dataset.is = state;
  if (pill.textContent !== text) pill.textContent = text;
  at("group").classList.toggle("stale", state !== "live");
}
