// @ts-check
// The calls of today, hour by hour: answered, abandoned, the rest; shaded where the switch could not be heard.

import { svg } from "./dom.js";
import { nowThere } from "./times.js";
import { fill, words } from "./words.js";

const WIDTH = 960;
const HEIGHT = 150;
const FLOOR = 124; // where the bars stand; the hours are written below
const HOURS = 24;
const EACH = WIDTH / HOURS;
const LEAST = 4; // calls; a lonely one does not fill the picture

/**
 * @param {any[]} hours
 * @param {any[]} gaps
 * @returns {SVGElement}
 */
export function hoursChart(hours, gaps) {
  const most = Math.max(LEAST, ...hours.map((hour) => hour.offered));
  const high = (/** @type {number} */ n) => ((FLOOR - 18) * n) / most;
  return svg(
    "svg",
    { class: "hours", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": words.wall.hours },
    hours.map((hour) => {
      const x = place(hour.start) + 3;
      const [all, good, lost] = [high(hour.offered), high(hour.answered), high(hour.abandoned)];
      return svg(
        "g",
        {},
        svg("title", {}, fill(words.wall.hour, { hour: hour.start.slice(11, 13), offered: hour.offered, answered: hour.answered, abandoned: hour.abandoned })),
        svg("rect", { class: "offered", x, y: FLOOR - all, width: EACH - 6, height: all }),
        svg("rect", { class: "answered", x, y: FLOOR - good, width: EACH - 6, height: good }),
        svg("rect", { class: "abandoned", x, y: FLOOR - good - lost, width: EACH - 6, height: lost }),
        svg("text", { x: x + EACH / 2 - 3, y: FLOOR - all - 4, "text-anchor": "middle" }, hour.offered),
      );
    }),
    gaps.map((gap) => {
      const from = place(gap.began, true);
      const to = place(gap.ended ?? nowThere(), true);
      return svg("rect", { class: "gap", x: from, y: 0, width: Math.max(2, to - from), height: FLOOR });
    }),
    svg("line", { x1: 0, x2: WIDTH, y1: FLOOR, y2: FLOOR }),
    Array.from({ length: HOURS / 2 }, (_, n) => svg("text", { x: (2 * n + 0.5) * EACH, y: HEIGHT - 6, "text-anchor": "middle" }, 2 * n)),
  );
}

/** Where a moment of today stands. @param {string} iso @param {boolean} [exactly] */
function place(iso, exactly = false) {
  const [hour, minute] = [Number(iso.slice(11, 13)), Number(iso.slice(14, 16))];
  return (hour + (exactly ? minute / 60 : 0)) * EACH;
}
