// @ts-check
// Calls of which nobody can tell whether they rang: with what is known, and two keys for whoever decides.

import { ask } from "./ask.js";
import { shown } from "./campaign_people.js";
import { el } from "./dom.js";
import { dayAndClock } from "./times.js";
import { fill, words } from "./words.js";

const own = words.campaigns.undecided;

/**
 * Draw them into a section that is hidden while there are none.
 * @param {HTMLElement} box
 * @param {(id: string) => void} refused is told the error's stable id, "" once all is well
 */
export async function drawUndecided(box, refused) {
  const { attempts, count } = await ask("/api/v1/undecided-attempts");
  box.hidden = count === 0;
  box.replaceChildren(
    el("h2", {}, fill(own.title, { n: count })),
    el("p", { class: "soft" }, own.why),
    el("ul", { class: "undecided" }, attempts.map((/** @type {any} */ one) => row(one, () => drawUndecided(box, refused), refused))),
  );
  if (count && location.hash === "#undecided") box.scrollIntoView();
}

/** @param {any} one @param {() => void} changed @param {(id: string) => void} refused */
function row(one, changed, refused) {
  const say = async (/** @type {boolean} */ rang) => {
    try {
      await ask(`/api/v1/campaigns/${one.campaign}/attempts/${encodeURIComponent(one.id)}/decide`, { rang });
      refused("");
    } catch (wrong) {
      refused(/** @type {Error} */ (wrong).message);
    }
    changed();
  };
  return el(
    "li",
    {},
    el("div", {}, el("b", {}, one.home || one.number), ` ${one.home ? one.number : ""} `, el("a", { href: `#${one.campaign}` }, one.campaign_name)),
    el(
      "ul",
      { class: "evidence small", "aria-label": own.evidence },
      el("li", {}, fill(own.claimed, { at: dayAndClock(one.claimed_at), worker: shown(one.worker) })),
      el("li", {}, own.no_channel),
      el("li", {}, own.no_log),
      el("li", {}, one.calls.length ? [`${own.calls}: `, ...one.calls.flatMap(since)] : own.no_calls),
    ),
    el(
      "div",
      { class: "buttons" },
      el("button", { type: "button", onclick: () => say(true) }, own.rang),
      el("button", { type: "button", onclick: () => say(false) }, own.never),
    ),
  );
}

/** @param {any} call */
function since(call) {
  const text = [dayAndClock(call.at), own[call.direction] ?? call.direction, words.outcome[call.outcome] ?? ""].filter(Boolean).join(" ");
  return [el("a", { href: `/calls/${encodeURIComponent(call.id)}` }, text), " "];
}
