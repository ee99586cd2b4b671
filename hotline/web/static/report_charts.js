// @ts-check
// The charts of reports, as pictures made of rectangles: each says its figure, and opens the calls behind it.

import { el, svg } from "./dom.js";
import { behind, percent } from "./report_parts.js";
import { fill, words } from "./words.js";

const own = words.reports;
const [WIDTH, HEIGHT, FOOT, LEFT] = [620, 150, 18, 30];
const CELL = { width: 24, height: 20, left: 40, top: 16 };

/** @typedef {import("./report_parts.js").Days} Days */
/** @typedef {{label: string, n: number, told: string, href: string, is?: string}} Bar */

/**
 * @param {string} title
 * @param {Bar[]} bars
 */
function barChart(title, bars) {
  const most = Math.max(1, ...bars.map((bar) => bar.n));
  const wide = (WIDTH - LEFT) / Math.max(1, bars.length);
  const every = Math.ceil(bars.length / 16);
  const ground = HEIGHT - FOOT;
  return chart(
    title,
    bars.some((bar) => bar.n),
    svg(
      "svg",
      { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "chart", role: "group", "aria-label": title },
      [most, Math.round(most / 2)].map((n) => [
        svg("line", { x1: LEFT, x2: WIDTH, y1: ground - (n / most) * (ground - 14), y2: ground - (n / most) * (ground - 14), class: "grid" }),
        svg("text", { x: LEFT - 5, y: ground - (n / most) * (ground - 14) + 4, class: "axis end" }, n),
      ]).flat(),
      bars.map((bar, place) => {
        const high = (bar.n / most) * (ground - 14);
        const x = LEFT + place * wide;
        return [
          bar.n > 0 &&
            svg(
              "a",
              { href: bar.href, "aria-label": bar.told },
              svg("rect", { x: x + wide * 0.1, y: ground - high, width: wide * 0.8, height: high, "data-is": bar.is ?? "" }, svg("title", {}, bar.told)),
            ),
          place % every === 0 && svg("text", { x: x + wide / 2, y: HEIGHT - 5, class: "axis middle" }, bar.label),
        ];
      }).flat(),
    ),
  );
}

/**
 * How many calls each day; days on which the three rings were missed too often are marked.
 * @param {any} found
 */
export function trend(found) {
  return barChart(
    own.trend,
    found.days.map((/** @type {any} */ { value, times }) => ({
      label: value.slice(5),
      n: times.offered,
      told: fill(own.trend_told, { day: value, offered: times.offered, three: percent(times.three_rings_share), level: percent(times.service_level) }),
      href: behind({ from: value, to: value }, {}),
      is: times.three_rings_share !== null && times.three_rings_share < 0.95 ? "low" : "",
    })),
  );
}

/** How long callers waited for a human voice. @param {any} found @param {Days} days */
export function distribution(found, days) {
  return barChart(
    own.distribution,
    found.distribution.map((/** @type {any} */ bar) => {
      const name = bar.up_to === null ? fill(own.bar_last, { above: bar.above }) : fill(own.bar, { above: bar.above, up_to: bar.up_to });
      return {
        label: bar.up_to === null ? `>${bar.above}` : `≤${bar.up_to}`,
        n: bar.calls,
        told: fill(own.bar_told, { bar: name, n: bar.calls }),
        href: behind(days, { figure: "answered", above: bar.above || null, up_to: bar.up_to }),
        is: bar.up_to === null || bar.up_to > 20 ? "low" : "",
      };
    }),
  );
}

/** Calls by weekday and hour: the darker, the more. @param {any} found @param {Days} days */
export function heatMap(found, days) {
  const most = Math.max(1, ...found.heat.map((/** @type {any} */ cell) => cell.offered));
  const wide = CELL.left + 24 * CELL.width;
  return chart(
    own.heat,
    found.heat.length,
    svg(
      "svg",
      { viewBox: `0 0 ${wide} ${CELL.top + 7 * CELL.height}`, class: "chart heat", role: "group", "aria-label": own.heat },
      Array.from({ length: 24 }, (_, hour) => svg("text", { x: CELL.left + (hour + 0.5) * CELL.width, y: 11, class: "axis middle" }, hour)),
      own.weekdays.map((/** @type {string} */ name, /** @type {number} */ row) => svg("text", { x: 2, y: CELL.top + (row + 0.7) * CELL.height, class: "axis" }, name)),
      found.heat.map((/** @type {any} */ cell) => {
        const told = fill(own.heat_told, { weekday: own.weekdays[cell.weekday - 1], hour: cell.hour, offered: cell.offered, level: percent(cell.service_level) });
        const value = `${cell.weekday}-${String(cell.hour).padStart(2, "0")}`;
        return svg(
          "a",
          { href: behind(days, { by: "week-hour", value }), "aria-label": told },
          svg(
            "rect",
            {
              x: CELL.left + cell.hour * CELL.width + 1,
              y: CELL.top + (cell.weekday - 1) * CELL.height + 1,
              width: CELL.width - 2,
              height: CELL.height - 2,
              rx: 3,
              "fill-opacity": (0.12 + (0.88 * cell.offered) / most).toFixed(3),
            },
            svg("title", {}, told),
          ),
        );
      }),
    ),
  );
}

/** @param {string} title @param {unknown} hasData @param {SVGElement} picture */
function chart(title, hasData, picture) {
  return el("section", { class: "panel" }, el("h2", {}, title), hasData ? picture : el("p", { class: "empty" }, own.no_data));
}
