// @ts-check
// Alerts by rule, in the bar of alerts on every page of a supervisor: each until it is over, with who took note.

import { ask } from "./ask.js";
import { at, el } from "./dom.js";
import { listen } from "./live.js";
import { clock } from "./times.js";
import { alertText, wallAfter } from "./wall.js";
import { fill, words } from "./words.js";

/** @type {any} */
let wall = null;

listen((message) => {
  const told = wallAfter(wall, message);
  if (!told) return;
  wall = told;
  draw(wall.alerts);
});

/** @param {any[]} alerts */
function draw(alerts) {
  const box = at("alerts");
  const standing = new Set(alerts.map((alert) => `rule-${alert.id}`));
  for (const old of box.querySelectorAll("[data-rule]")) {
    if (!standing.has(/** @type {HTMLElement} */ (old).id)) old.remove();
  }
  for (const alert of alerts) {
    const shown = JSON.stringify(alert);
    const old = /** @type {any} */ (document.getElementById(`rule-${alert.id}`));
    if (old?.shown === shown) continue; // what is drawn again is read out again
    const drawn = /** @type {any} */ (banner(alert));
    drawn.shown = shown;
    if (old) old.replaceWith(drawn);
    else box.append(drawn);
  }
}

/** @param {any} alert */
function banner(alert) {
  const refused = el("span", { hidden: true }, words.wall.refused);
  const acknowledge = async () => {
    try {
      await ask(`/api/v1/alerts/${alert.id}/acknowledge`, {});
    } catch {
      refused.hidden = false;
    }
  };
  return el(
    "div",
    { class: "alert", role: "status", id: `rule-${alert.id}`, "data-rule": alert.rule, "data-is": alert.acknowledged_by ? "over" : "answered" },
    el("strong", {}, alertText(alert)),
    el("span", {}, fill(words.wall.since, { time: clock(alert.raised_at) })),
    alert.acknowledged_by
      ? el("span", {}, fill(words.wall.noted, { name: alert.acknowledged_by }))
      : [el("button", { type: "button", class: "button", onclick: acknowledge }, words.wall.acknowledge), refused],
  );
}
