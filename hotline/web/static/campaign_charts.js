// @ts-check
// The pictures of a campaign: how far it is, a strip of one line, and what came of its calls, a chart.

import { svg } from "./dom.js";
import { Picture } from "./picture.js";
import { amountsAxis, barLabel, bars, namesAxis } from "./picture_axes.js";
import { fill, words } from "./words.js";

const own = words.campaigns;
const ORDER = ["done", "given-up", "suppressed", "in-hand", "waiting"];
const OVER = ["done", "given-up", "suppressed"];
const WIDTH = 600;
/** @type {Record<string, string>} */
const COLOURS = {
  human: "var(--good)",
  machine: "var(--accent)",
  busy: "var(--ringing)",
  "no-answer": "var(--ringing)",
  invalid: "var(--bad)",
  "failed-here": "var(--bad)",
};
const outcomes = new Picture("outcomes"); // one campaign is looked at at a time, and its figures come anew all the while

/**
 * One bar of all targets: what is over fills it, by state; told in words are all states.
 * @param {any} campaign
 * @returns {SVGElement}
 */
export function progressBar(campaign) {
  const parts = ORDER.filter((state) => campaign.states[state]);
  const told = parts.map((state) => `${own.targets[state]} ${campaign.states[state]}`).join(", ");
  let from = 0;
  return svg(
    "svg",
    { class: "bar", viewBox: `0 0 ${WIDTH} 12`, preserveAspectRatio: "none", role: "img", "aria-label": told || own.progress },
    parts.filter((state) => OVER.includes(state)).map((state) => {
      const width = (WIDTH * campaign.states[state]) / campaign.targets;
      const x = from;
      from += width;
      return svg("rect", { x, y: 0, width, height: 12, "data-is": state }, svg("title", {}, `${own.targets[state]} ${campaign.states[state]}`));
    }),
  );
}

/**
 * A bar for each outcome, the most frequent first.
 * @param {any} campaign
 * @returns {HTMLElement | null} null: nothing came yet
 */
export function outcomeChart(campaign) {
  const counted = /** @type {[string, number][]} */ (Object.entries(campaign.outcomes)).sort((one, other) => other[1] - one[1]);
  if (!counted.length) return null;
  const named = counted.map(([outcome, n]) => `${own.outcomes[outcome] ?? outcome} ${fill(own.count, { n })}`);
  outcomes.show({
    told: `${own.outcome_chart}: ${named.join(", ")}`,
    option: (em) => ({
      grid: { left: 2, right: 4 * em, top: 2, bottom: 2, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
      xAxis: amountsAxis(em, { show: false }),
      yAxis: namesAxis(counted.map(([outcome]) => own.outcomes[outcome] ?? outcome), em, { inverse: true, axisLabel: { color: "var(--text)", fontSize: 0.9 * em, interval: 0 } }),
      series: [
        bars(own.outcome_chart, counted.map(([outcome, value]) => ({ value, itemStyle: { color: COLOURS[outcome] ?? "var(--soft)" } })), "var(--soft)", {
          barMaxWidth: 1.1 * em,
          label: barLabel(em, "right", ({ value }) => fill(own.count, { n: value })),
        }),
      ],
    }),
    tip: (at) => [named[at]],
  });
  return outcomes.element;
}
