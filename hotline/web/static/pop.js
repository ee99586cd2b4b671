// @ts-check
// The pop: all that is known of who calls, drawn from one value. Drawn anew as often as it changes: what is being typed
// in the tools below stays, and so does the key that has the focus.

import { el } from "./dom.js";
import { drawAbout, drawMarks, machineKey } from "./pop_campaign.js";
import { drawCalls, drawMatters, drawNotes, drawOwed, drawPeople } from "./pop_parts.js";
import { drawChoices, mountTools } from "./pop_who.js";
import { clock } from "./times.js";
import { fill, words } from "./words.js";

/** @typedef {{onChoose?: (pop: any) => void}} PopOptions */

/** @type {WeakMap<Element, {id: string, view: HTMLElement, tools: {element: HTMLElement, follow: (pop: any) => void}}>} */
const drawn = new WeakMap();

/**
 * Draw a pop into `box`; the same box again draws what changed. `onChoose` is told the pop after something was done.
 * @param {HTMLElement} box
 * @param {any} pop
 * @param {PopOptions} [options]
 */
export function drawPop(box, pop, options = {}) {
  let known = drawn.get(box);
  const again = (/** @type {any} */ changed) => {
    drawPop(box, changed, options);
    options.onChoose?.(changed);
  };
  if (known?.id !== pop.call_id || !known?.view.isConnected) {
    known = { id: pop.call_id, view: el("div", { class: "pop-view" }), tools: mountTools(pop, again) };
    drawn.set(box, known);
    box.replaceChildren(el("div", { class: "pop-sheet" }, known.view, known.tools.element));
    box.scrollTop = 0;
  }
  const focused = /** @type {HTMLElement | null} */ (document.activeElement)?.dataset.key;
  const opened = new Set([...known.view.querySelectorAll("details[open]")].map((one) => /** @type {HTMLElement} */ (one).dataset.key));
  known.view.replaceChildren(head(pop), ...drawChoices(pop, again), el("div", { class: "pop-parts" }, left(pop, again), right(pop)));
  for (const one of known.view.querySelectorAll("details")) one.open = opened.has(one.dataset.key);
  if (focused) /** @type {HTMLElement | null} */ (known.view.querySelector(`[data-key="${CSS.escape(focused)}"]`))?.focus();
  known.tools.follow(pop);
  box.dataset.is = pop.is_emergency ? "emergency" : pop.verdict;
}

/** @param {any} pop @param {(pop: any) => void} again */
function left(pop, again) {
  return el("div", {}, drawOwed(pop), drawNotes(pop, again), drawMatters(pop));
}

/** @param {any} pop */
function right(pop) {
  return el("div", {}, drawCalls(pop), drawPeople(pop));
}

/** Who it is, in one glance. @param {any} pop */
function head(pop) {
  const said = words.pop;
  const caller = pop.people.find((/** @type {any} */ one) => one.is_caller && one.salutation === pop.salutation);
  const name = pop.salutation || pop.home?.label || (pop.verdict === "choose" ? said.choose : said.verdict[pop.verdict]);
  return el(
    "header",
    { class: "pop-head" },
    pop.is_emergency && el("p", { class: "pop-alarm" }, said.emergency),
    el(
      "div",
      { class: "pop-who" },
      el("strong", { class: "pop-name" }, name),
      pop.home && pop.salutation && el("b", { class: "pop-home" }, pop.home.label),
      caller && el("span", { class: "tag" }, said.relation[caller.relation]),
      pop.is_elderly_alone && el("span", { class: "tag alarm", title: said.elderly_hint }, said.elderly),
      pop.language !== "zh" && el("span", { class: "tag pop-language" }, said.speaks[pop.language] ?? pop.language),
      pop.marks.map((/** @type {string} */ mark) => el("span", { class: "tag", "data-is": "late" }, said.mark[mark])),
      el("span", { class: "number pop-number" }, pop.number || words.withheld),
    ),
    ["shared", "choose"].includes(pop.verdict) && el("p", { class: "pop-verdict" }, said.verdict[pop.verdict]),
    el("p", { class: "pop-way small" }, way(pop)),
    drawAbout(pop.campaign),
    machineKey(pop),
    drawMarks(pop.household_marks),
    pop.incident && incident(pop.incident),
  );
}

/** How the call came here, as one line of words. @param {any} pop */
function way(pop) {
  const said = words.pop;
  if (!pop.way) return el("span", { class: "soft" }, said.no_way);
  const { way: by } = pop;
  const isTheirs = by.direction !== "outbound"; // nobody presses keys of the menu in a call of ours
  const parts = [
    by.returns && el("b", {}, said.returns),
    by.request && el("b", {}, words.kind[by.request] ?? by.request),
    isTheirs && by.menu_path.length > 0 && pressed(by),
    by.queue && (words.queue[by.queue] ?? by.queue),
    by.call_back_at && `${said.wished} ${clock(by.call_back_at).slice(0, 5)}`,
    by.recording_refused && said.not_recorded,
    isTheirs && by.menu_path.length > 0 && pop.home?.greets_by_name && said.greets,
  ].filter(Boolean);
  return parts.flatMap((part, place) => (place ? [el("span", { class: "soft" }, " · "), part] : [part]));
}

/** The keys of the menu, and what the last of them is where nothing else says it. @param {any} by */
function pressed(by) {
  const keys = by.menu_path.join(" ");
  return !by.request && by.menu_path.at(-1) === "0" ? fill(words.pop.pressed_for, { keys, what: words.pop.human }) : fill(words.pop.pressed, { keys });
}

/** @param {any} now */
function incident(now) {
  const said = words.pop;
  const told = now.has_joined ? said.has_joined : now.was_told ? said.was_told : "";
  return el(
    "p",
    { class: "pop-incident" },
    el("b", {}, fill(now.is_confirmed ? said.incident : said.incident_suspected, { n: now.building })),
    now.text && ` ${now.text}`,
    told && el("span", { class: "tag" }, told),
  );
}
