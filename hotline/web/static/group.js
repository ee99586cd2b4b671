// @ts-check
// The page of a group: what goes on at each centre, all of them together, and dangers on top, with sound.

import { sound } from "./alarm.js";
import { at, el } from "./dom.js";
import "./group_compared.js";
import { hearCentres } from "./group_live.js";
import { ageAll, centresTable, dangersOf, drawIn, isDanger, isLoud } from "./group_view.js";
import { between, span } from "./times.js";
import { fill, words } from "./words.js";

const own = words.group;
const TONE_MS = 3_000;

/** @type {import("./group_view.js").Known} */
let known = { centres: [], sum: null };
let lastTone = 0;

hearCentres((told) => {
  known = told;
  drawIn("dangers", dangersOf(known).map(({ centre, danger }) => [centre.name, centre.page, danger]), dangers);
  drawIn("centres", known, () => [known.centres.length ? centresTable(known, nameOf) : el("p", { class: "empty" }, own.none)]);
  at("group").dataset.state = "shown";
});

/** @returns {HTMLElement[]} */
function dangers() {
  return dangersOf(known).map(({ centre, danger }) =>
    el(
      "p",
      { class: "alert", "data-is": isLoud(danger) ? danger.state : "answered" },
      el("strong", {}, words.alert[danger.state]),
      el("b", {}, centre.name),
      danger.home && el("span", {}, danger.home),
      danger.since && el("span", { class: "waiting", "data-since": danger.since }, span(between(danger.since))),
      el("a", { class: "button", href: `${centre.page}/calls/${encodeURIComponent(danger.id)}` }, fill(own.open, { name: centre.name })),
    ),
  );
}

/** @param {any} one */
function nameOf(one) {
  return el("a", { href: one.page, title: fill(own.open, { name: one.name }) }, one.name);
}

setInterval(() => {
  for (const one of document.querySelectorAll("#group [data-since]")) {
    one.textContent = span(between(String(/** @type {HTMLElement} */ (one).dataset.since)));
  }
  ageAll();
  if (!isDanger(known) || Date.now() - lastTone < TONE_MS) return;
  lastTone = Date.now();
  sound.play();
}, 1000);
