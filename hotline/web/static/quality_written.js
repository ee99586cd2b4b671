// @ts-check
// A call that cannot be listened to is reviewed by what is written of it: its entries of the duty log and its way.

import { el } from "./dom.js";
import { drawEntries } from "./entry_form.js";
import { drawTimeline } from "./timeline.js";
import { words } from "./words.js";

const own = words.quality;

/**
 * @param {HTMLElement} box
 * @param {any} call
 */
export function drawWritten(box, call) {
  const way = el("div", { id: "review-way" });
  const entries = el("div", { id: "review-entries" });
  box.replaceChildren(el("p", { class: "soft" }, own.written_note), el("h3", {}, words.entries), entries, el("h3", {}, words.timeline), way);
  drawEntries(entries, call, () => undefined);
  drawTimeline(way, call);
}
