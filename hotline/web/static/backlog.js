// @ts-check
// How far the recordings are written down, beside the title of the list of calls; silent while nothing waits or failed.

import { ask } from "./ask.js";
import { at } from "./dom.js";
import { say } from "./words.js";

const EVERY = 5_000;

async function look() {
  try {
    const found = await ask("/api/v1/transcripts");
    const isQuiet = !found.waiting && !found.running && !found.failed;
    const failed = found.failed ? say("backlog_failed", found) : "";
    const shown = isQuiet ? "" : say("backlog", { ...found, waiting: found.waiting + found.running }) + failed;
    if (at("backlog").textContent !== shown) at("backlog").textContent = shown;
  } catch {
    // The freshness mark tells; the next look asks again.
  }
}

look();
setInterval(look, EVERY);
