// @ts-check
// What a campaign would do as things stand: who is rung and when, who not and why, and what exactly is said.

import { ask } from "./ask.js";
import { el } from "./dom.js";
import { day, dayAndClock } from "./times.js";
import { fill, words } from "./words.js";

const own = words.campaigns;
const AGAIN_MS = 5000; // everybody on the list is judged anew: not with every call that ends
/** @type {{id: number, at: number, timer: number}} */
const last = { id: 0, at: 0, timer: 0 };

/**
 * Read the preview again, at once where another campaign is shown or its list grew, else every few seconds.
 * @param {any} one the campaign
 * @param {boolean} [isAtOnce]
 */
export function lookAhead(one, isAtOnce = false) {
  const wait = isAtOnce || last.id !== one.id ? 0 : Math.max(0, last.at + AGAIN_MS - performance.now());
  if (wait && last.timer) return;
  clearTimeout(last.timer);
  last.id = one.id;
  last.timer = window.setTimeout(() => {
    last.timer = 0;
    last.at = performance.now();
    draw(one).catch(() => {}); // the freshness mark tells; the next change reads again
  }, wait);
}

/**
 * How many of each, with its unit; a word where there is none.
 * @param {Record<string, number>} counts
 * @param {(name: string) => string} named
 */
export function tally(counts, named) {
  const found = Object.entries(counts);
  if (!found.length) return el("p", { class: "none-yet" }, own.nothing_yet);
  return el("ul", { class: "tally" }, found.map(([name, n]) => el("li", {}, `${named(name)} ${fill(own.count, { n })}`)));
}

/** @param {any} one */
async function draw(one) {
  const seen = await ask(`/api/v1/campaigns/${one.id}/preview`);
  const box = document.getElementById("preview");
  if (!box || box.dataset.of !== String(one.id)) return; // another one is looked at by now
  box.hidden = seen.targets === 0;
  const parts = box.querySelectorAll("div.part");
  const [figures, said] = parts.length ? parts : [el("div", { class: "part" }), el("div", { class: "part" })];
  if (!parts.length) box.replaceChildren(figures, said);
  figures.replaceChildren(...judged(seen));
  const heard = JSON.stringify([seen.asks, seen.tells, seen.sample_target]);
  const isListening = [...said.querySelectorAll("audio")].some((sound) => !sound.paused);
  if (/** @type {HTMLElement} */ (said).dataset.says === heard || isListening) return; // what somebody listens to stays
  /** @type {HTMLElement} */ (said).dataset.says = heard;
  said.replaceChildren(...sample(one, seen));
}

/** @param {any} seen */
function judged(seen) {
  return [
    el("h3", {}, own.preview),
    el("p", {}, fill(own.preview_now, { now: seen.may_now, never: seen.suppressed, all: seen.targets })),
    el(
      "div",
      { class: "campaign-grid" },
      el("div", {}, el("h3", {}, own.when), tally(seen.on_days, day)),
      el("div", {}, el("h3", {}, own.who_not), tally({ ...seen.not_now, ...seen.never }, (reason) => own.reasons[reason])),
    ),
    el(
      "div",
      { class: "scroll", role: "region", tabindex: 0, "aria-label": own.preview },
      el(
        "table",
        {},
        el("thead", {}, el("tr", {}, ["home", "who", "number", "state", "when"].map((name) => el("th", { scope: "col" }, own.columns[name])))),
        el(
          "tbody",
          {},
          seen.shown.map((/** @type {any} */ one) =>
            el(
              "tr",
              {},
              el("td", {}, one.target.home),
              el("td", {}, one.target.who),
              el("td", {}, one.target.number),
              el("td", {}, one.reasons.map((/** @type {string} */ reason) => own.reasons[reason]).join("、") || "✓"),
              el("td", {}, dayAndClock(one.allowed ? seen.at : one.earliest)),
            ),
          ),
        ),
      ),
    ),
  ];
}

/** @param {any} one @param {any} seen */
function sample(one, seen) {
  if (!seen.tells) return [];
  const address = `/api/v1/campaigns/${one.id}/targets/${seen.sample_target}/sample`;
  return [
    el("h3", {}, own.says),
    ...(seen.asks ? [el("small", {}, own.asks), el("p", { class: "said" }, seen.asks)] : []),
    el("small", {}, own.tells),
    el("p", { class: "said" }, seen.tells),
    el("p", {}, `${own.listen} `, el("audio", { controls: true, preload: "none", src: address, "aria-label": own.listen })),
  ];
}
