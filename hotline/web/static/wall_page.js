// @ts-check
// The wall on a big screen: what it shows. What any big screen does stands in screen.js.

import { at } from "./dom.js";
import { runScreen } from "./screen.js";
import { drawWall, wallAfter } from "./wall.js";
import { words } from "./words.js";

/** @type {any} */
let wall = null;

runScreen(
  (message) => {
    const told = wallAfter(wall, message);
    if (!told) return;
    wall = told;
    drawWall(at("wall"), wall);
    const link = at("switch");
    link.dataset.is = wall.link.is_current ? "live" : "lost";
    link.textContent = wall.link.is_current ? words.link_up : words.link_down;
  },
  () => wall?.emergencies.some((/** @type {any} */ one) => one.state === "calling" || one.state === "unanswered") ?? false,
);
