// @ts-check
// The calls of today, hour by hour: answered, abandoned, the rest; shaded where the switch could not be heard.

import { Picture } from "./picture.js";
import { amountsAxis, barLabel, bars, legend, namesAxis } from "./picture_axes.js";
import { nowThere } from "./times.js";
import { fill, words } from "./words.js";

const HOURS = 24;
const LEAST = 4; // calls; a lonely one does not fill the picture
const NARROWEST = 0.05; // of an hour; a short gap is seen, too
const picture = new Picture("hours");

/**
 * The one picture of the page, with these figures from now on.
 * @param {any[]} hours
 * @param {any[]} gaps
 * @returns {HTMLElement}
 */
export function hoursChart(hours, gaps) {
  const at = new Map(hours.map((hour) => [Number(hour.start.slice(11, 13)), hour]));
  const places = Array.from({ length: HOURS }, (_, hour) => hour);
  const tell = (/** @type {any} */ hour) => fill(words.wall.hour, { hour: hour.start.slice(11, 13), offered: hour.offered, answered: hour.answered, abandoned: hour.abandoned });
  const each = (/** @type {(hour: any) => number} */ count) => places.map((place) => (at.has(place) ? count(at.get(place)) : null));
  const shaded = gaps.map((gap) => [hourOf(gap.began), hourOf(gap.ended ?? nowThere())]);
  picture.show({
    told: [words.wall.hours, ...hours.filter((hour) => hour.offered).map(tell)].join("; "),
    option: (em) => ({
      legend: legend(em),
      grid: { left: 2, right: 2, top: 1.6 * em, bottom: 2, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
      xAxis: [namesAxis(places, em), { type: "value", min: 0, max: HOURS, show: false, axisPointer: { show: false } }],
      yAxis: amountsAxis(em, { show: false, max: (/** @type {{max: number}} */ { max }) => Math.max(LEAST, max) }),
      series: [
        bars(words.wall.answered, each((hour) => hour.answered), "var(--good)", { stack: "calls" }),
        bars(words.reports.column.abandoned, each((hour) => hour.abandoned), "var(--bad)", { stack: "calls" }),
        bars(words.wall.others, each((hour) => hour.offered - hour.answered - hour.abandoned), "var(--soft)", {
          stack: "calls",
          label: barLabel(em, "top", ({ dataIndex }) => String(at.get(dataIndex)?.offered || "")),
        }),
        {
          type: "line",
          xAxisIndex: 1,
          data: [],
          markArea: {
            silent: true,
            itemStyle: { color: "var(--warn)", opacity: 0.35 },
            data: shaded.map(([from, to]) => [{ xAxis: from }, { xAxis: Math.max(to, from + NARROWEST) }]),
          },
        },
      ],
    }),
    tip: (place) => (at.has(place) ? [tell(at.get(place))] : []),
  });
  return picture.element;
}

/** Where a moment of today stands. @param {string} iso */
function hourOf(iso) {
  return Number(iso.slice(11, 13)) + Number(iso.slice(14, 16)) / 60;
}
