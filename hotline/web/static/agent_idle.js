// @ts-check
// When nobody calls: today's own figures, counted from the calls in which this agent's phone rang or talked.

import { ask } from "./ask.js";
import { mountCampaignCard } from "./campaign_card.js";
import { el } from "./dom.js";
import { now, span } from "./times.js";
import { words } from "./words.js";

const CHINA_MS = 8 * 3_600_000; // the centre's day, whatever this machine's zone is
const MOST_PAGES = 3; // of two hundred calls: a long day of a large centre

/**
 * @param {HTMLElement} box
 * @param {string} extension
 */
export async function drawIdle(box, extension) {
  mountCampaignCard(box);
  const midnight = `${new Date(now() + CHINA_MS).toISOString().slice(0, 10)}T00:00:00+08:00`;
  const calls = [];
  let cursor = "";
  for (let turn = 0; turn < MOST_PAGES; turn += 1) {
    const page = await ask(`/api/v1/calls?limit=200&since=${encodeURIComponent(midnight)}${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
    calls.push(...page.calls);
    cursor = page.next_cursor ?? "";
    if (!cursor) break;
  }
  draw(box, figuresOf(calls, extension));
}

/** @param {any[]} calls @param {string} extension */
export function figuresOf(calls, extension) {
  const talks = calls.flatMap((call) => call.talks.filter((/** @type {any} */ talk) => talk.agent === extension && talk.ended));
  const seconds = talks.map((talk) => (Date.parse(talk.ended) - Date.parse(talk.began)) / 1000);
  const isOurs = (/** @type {any} */ call) => call.direction === "outbound"; // there our own telephone rings for ourselves
  const talked = (/** @type {any} */ call) => call.talks.some((/** @type {any} */ talk) => talk.agent === extension && talk.ended);
  const rings = calls.filter((call) => !isOurs(call)).flatMap((call) => call.rings.filter((/** @type {any} */ ring) => ring.agent === extension && ring.ended));
  const lifted = rings.filter((ring) => ring.was_answered).map((ring) => (Date.parse(ring.ended) - Date.parse(ring.began)) / 1000);
  const marks = calls.filter((call) => call.agent === extension && call.satisfaction).map((call) => call.satisfaction);
  const sum = (/** @type {number[]} */ all) => all.reduce((one, other) => one + other, 0);
  const mean = (/** @type {number[]} */ all) => (all.length ? sum(all) / all.length : null);
  return {
    answered: calls.filter((call) => !isOurs(call)).flatMap((call) => call.talks.filter((/** @type {any} */ talk) => talk.agent === extension && talk.ended)).length,
    outgoing: calls.filter((call) => isOurs(call) && talked(call)).length,
    talking: sum(seconds),
    talk: mean(seconds),
    lifting: mean(lifted),
    missed: rings.filter((ring) => !ring.was_answered).length,
    mark: mean(marks),
  };
}

/** @param {HTMLElement} box @param {ReturnType<typeof figuresOf>} mine */
function draw(box, mine) {
  const shown = /** @type {[string, string][]} */ ([
    ["answered", String(mine.answered)],
    ["outgoing", String(mine.outgoing)],
    ["talking", span(mine.talking)],
    ["talk", mine.talk === null ? words.none : span(mine.talk)],
    ["lifting", mine.lifting === null ? words.none : `${mine.lifting.toFixed(1)} ${words.agent_page.seconds}`],
    ["missed", String(mine.missed)],
    ["mark", mine.mark === null ? words.none : mine.mark.toFixed(1)],
  ]);
  const hour = new Date(now() + CHINA_MS).getUTCHours();
  box.replaceChildren(
    el("h3", {}, words.agent_page.greeting[hour < 11 ? "morning" : hour < 18 ? "day" : "evening"]),
    el("p", { class: "soft" }, words.agent_page.nothing),
    el("dl", { "aria-label": words.agent_page.my_day }, shown.map(([name, value]) => el("div", {}, el("dt", {}, words.agent_page.figure[name]), el("dd", {}, value)))),
  );
}
