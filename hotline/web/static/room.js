// @ts-check
// The wall's figures on a supervisor's desk: the same parts, from the same messages.

import { at } from "./dom.js";
import { listen } from "./live.js";
import { between, span } from "./times.js";
import { PARTS, drawWall, wallAfter } from "./wall.js";

const { now, today, debts, campaigns, hours } = PARTS; // agents and alarms stand on the desk already

/** @type {any} */
let wall = null;

listen((message) => {
  const told = wallAfter(wall, message);
  if (!told) return;
  wall = told;
  drawWall(at("room"), wall, { now, today, debts, hours, campaigns });
});

setInterval(() => {
  for (const one of at("room").querySelectorAll("[data-since]")) {
    one.textContent = span(between(String(/** @type {HTMLElement} */ (one).dataset.since)));
  }
}, 1000);
