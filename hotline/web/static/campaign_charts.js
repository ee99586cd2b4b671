// @ts-check
// The two pictures of a campaign: how far it is, and what came of its calls.

import { svg } from "./dom.js";
import { words } from "./words.js";

const ORDER = ["done", "given-up", "suppressed", "in-hand", "waiting"];
const WIDTH = 600;
const ROW = 22;

/**
 * One bar of all targets by state.
 * @param {any} campaign
 * @returns {SVGElement}
 */
export function progressBar(campaign) {
  const own = words.campaigns;
  const parts = ORDER.filter((state) => campaign.states[state]);
  const told = parts.map((state) => `${own.targets[state]} ${campaign.states[state]}`).join(", ");
  let from = 0;
  return svg(
    "svg",
    { class: "bar", viewBox: `0 0 ${WIDTH} 12`, preserveAspectRatio: "none", role: "img", "aria-label": told || own.progress },
    parts.map((state) => {
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
 * @returns {SVGElement}
 */
export function outcomeChart(campaign) {
  const own = words.campaigns;
  const counted = /** @type {[string, number][]} */ (Object.entries(campaign.outcomes)).sort((one, other) => other[1] - one[1]);
  const most = Math.max(1, ...counted.map(([, count]) => count));
  const told = counted.map(([outcome, count]) => `${own.outcomes[outcome] ?? outcome} ${count}`).join(", ");
  return svg(
    "svg",
    { class: "chart", viewBox: `0 0 ${WIDTH} ${Math.max(1, counted.length) * ROW}`, role: "img", "aria-label": `${own.outcome_chart}: ${told}` },
    counted.map(([outcome, count], place) => [
      svg("text", { x: 0, y: place * ROW + 15 }, own.outcomes[outcome] ?? outcome),
      svg("rect", { x: 110, y: place * ROW + 3, width: (count / most) * 420, height: ROW - 8, rx: 3, "data-is": outcome }),
      svg("text", { x: 118 + (count / most) * 420, y: place * ROW + 15 }, count),
    ]).flat(),
  );
}
