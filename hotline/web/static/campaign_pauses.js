// @ts-check
// Dialling pauses by itself: the line refused so many calls that it is in doubt. What to do, and two keys for it.

import { ask } from "./ask.js";
import { el } from "./dom.js";
import { dayAndClock } from "./times.js";
import { fill, words } from "./words.js";

const own = words.campaigns.pauses;

/**
 * Draw them into a section that is hidden while there are none.
 * @param {HTMLElement} box
 * @param {(id: string) => void} refused is told the error's stable id, "" once all is well
 */
export async function drawPauses(box, refused) {
  const { pauses } = await ask("/api/v1/dial-pauses");
  box.hidden = pauses.length === 0;
  box.replaceChildren(...pauses.map((/** @type {any} */ one) => drawn(one, () => drawPauses(box, refused), refused)));
}

/** @param {any} one @param {() => void} changed @param {(id: string) => void} refused */
function drawn(one, changed, refused) {
  const end = async (/** @type {boolean} */ dead) => {
    try {
      await ask(`/api/v1/dial-pauses/${one.id}/end`, { numbers_are_dead: dead });
      refused("");
    } catch (wrong) {
      refused(/** @type {Error} */ (wrong).message);
    }
    changed();
  };
  const answer = words.campaigns.outcomes[one.mostly] ?? one.mostly;
  return el(
    "div",
    { "data-pause": String(one.id) },
    el("h2", {}, one.campaign === null ? own.all : [own.one, " ", el("a", { href: `#${one.campaign}` }, `#${one.campaign}`)]),
    el("p", { role: "alert" }, fill(own.why, { at: dayAndClock(one.since), bad: one.bad, of: one.of, answer })),
    el("p", {}, own.todo),
    el("p", { class: "soft" }, one.tries_itself ? fill(own.tries, { at: dayAndClock(one.next_try) }) : own.waits),
    el(
      "details",
      {},
      el("summary", {}, fill(own.doubtful, { n: one.count })),
      el("ul", {}, one.doubtful.map((/** @type {any} */ row) => el("li", {}, `${row.home} ${row.number} ${words.campaigns.outcomes[row.outcome] ?? ""}`))),
    ),
    el(
      "div",
      { class: "buttons" },
      el("button", { type: "button", class: "primary", onclick: () => end(false) }, own.mended),
      el("button", { type: "button", onclick: () => end(true) }, own.dead),
    ),
  );
}
