// @ts-check
// How much of quality waits for whoever looks, beside the word in the navigation of every page.

import { el } from "./dom.js";
import { listen } from "./live.js";
import { fill, words } from "./words.js";

const own = words.quality.waiting;

listen((message) => {
  if (message.reviews) show(message.reviews);
});

/** @param {{ unseen: number, objections: number, calibrations: number }} waiting */
function show(waiting) {
  const all = waiting.unseen + waiting.objections + waiting.calibrations;
  const said = saidOf(waiting);
  for (const badge of document.querySelectorAll("[data-badge=reviews]")) {
    if (!(badge instanceof HTMLElement)) continue;
    badge.hidden = !all;
    badge.textContent = String(all);
    badge.setAttribute("aria-label", said);
    badge.title = said;
  }
  const line = document.getElementById("reviews-told"); // on an agent's page
  if (!line) return;
  line.hidden = !all;
  line.replaceChildren(el("a", { href: "/quality" }, said));
}

/** @param {Record<string, number>} waiting @returns {string} */
function saidOf(waiting) {
  return ["unseen", "objections", "calibrations"].filter((name) => waiting[name]).map((name) => fill(own[name], { n: waiting[name] })).join(" · ");
}
