// @ts-check
// The two pictures of a campaign: how far it is, and what came of its calls.

import { el, svg } from "./dom.js";
import { fill, words } from "./words.js";

const ORDER = ["done", "given-up", "suppressed", "in-hand", "waiting"];
const OVER = ["done", "given-up", "suppressed"];
const WIDTH = 600;

/**
 * One bar of all targets: what is over fills it, by state; told in words are all states.
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
    parts.filter((state) => OVER.includes(state)).map((state) => {
      const width = (WIDTH * campaign.states[state]) / campaign.targets;
      const x = from;
      from += width;
      return svg("rect", { x, y: 0, width, height: 12, "data-is": state }, svg("title", {}, `${own.targets[state]} ${campaign.states[state]}`));
    }),
  );
}

/**
 * A bar for each outcome, the most frequent first; the text is as large as all other text, however wide the page is.
 * @param {any} campaign
 * @returns {HTMLElement}
 */
export function outcomeChart(campaign) {
  const own = words.campaigns;
  const counted = /** @type {[string, number][]} */ (Object.entries(campaign.outcomes)).sort((one, other) => other[1] - one[1]);
  if (!counted.length) return el("p", { class: "none-yet" }, own.nothing_yet);
  const most = counted[0][1];
  return el(
    "ul",
    { class: "outcomes" },
    counted.map(([outcome, n]) =>
      el(
        "li",
        {},
        el("span", {}, own.outcomes[outcome] ?? outcome),
        svg(
          "svg",
          { class: "bar", viewBox: `0 0 ${WIDTH} 12`, preserveAspectRatio: "none", "aria-hidden": "true" },
          svg("rect", { x: 0, y: 0, width: (WIDTH * n) / most, height: 12, "data-is": outcome }),
        ),
        el("span", {}, fill(own.count, { n })),
      ),
    ),
  );
}
