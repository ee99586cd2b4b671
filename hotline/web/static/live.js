// @ts-check
// The live socket, one for the whole page: comes again by itself, and says on the page how fresh the page is.

import { turnToDoor } from "./ask.js";
import { at } from "./dom.js";
import { setClock } from "./times.js";
import { words } from "./words.js";

const SHORTEST_MS = 500;
const LONGEST_MS = 10_000;
const TRY_AGAIN_LATER = 1013;

/** @type {((message: any) => void)[]} */
const hearers = [];
/** @type {WebSocket | null} */
let socket = null;
let hasBegun = false; // a snapshot was given out: who comes later needs a new one
let isAskedAgain = false; // by us, for that snapshot: nothing was lost
let wait = SHORTEST_MS;

/** Begin anew: nothing was heard for too long, though the line seems to stand. */
export function hurry() {
  wait = SHORTEST_MS;
  socket?.close();
}

/**
 * Give each message to `hear`. A snapshot comes first, after every reconnect too.
 * @param {(message: any) => void} hear
 */
export function listen(hear) {
  hearers.push(hear);
  if (!socket) connect();
  else if (hasBegun) {
    isAskedAgain = true;
    socket.close();
  }
}

function connect() {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  socket = new WebSocket(`${scheme}://${location.host}${document.body.dataset.live ?? "/api/v1/live"}`);
  hasBegun = false;
  socket.addEventListener("message", (event) => {
    const message = JSON.parse(event.data);
    if (message.type === "snapshot" || (document.body.dataset.live && message.type.endsWith("-snapshot"))) {
      wait = SHORTEST_MS;
      hasBegun = true;
      setClock(message.at);
      show("live", words.live);
    }
    for (const hear of hearers) hear(message);
  });
  socket.addEventListener("close", async (event) => {
    if (isAskedAgain) {
      isAskedAgain = false;
      connect();
      return;
    }
    show("lost", words.live_lost);
    if (event.code !== TRY_AGAIN_LATER) await turnAwayIfSignedOut();
    setTimeout(connect, wait);
    wait = Math.min(wait * 2, LONGEST_MS);
  });
}

// A page taken out of the browser's memory shows old calls: begin anew.
addEventListener("pageshow", (event) => event.persisted && location.reload());

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
  const pill = at("freshness");
  pill.dataset.is = state;
  if (pill.textContent !== text) pill.textContent = text;
  document.body.classList.toggle("stale", state !== "live");
}
