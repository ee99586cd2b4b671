// @ts-check
// What the wall shows, drawn from one object: the same parts on the big screen and on a supervisor's desk. A section is
// drawn only when it is another one, in its own place: the number of elements never grows with time.

import { el } from "./dom.js";
import { pictureNote } from "./picture.js";
import { between, clock, dayAndClock, exact, span } from "./times.js";
import { hoursChart } from "./wall_chart.js";
import { fill, language, words } from "./words.js";

const AGENTS_SHOWN = 24;
const GAPS_SHOWN = 3;
const TALKING = ["talking", "dialling", "calling"];

/** @typedef {{ wall: any }} Kept */

/**
 * The wall as it is after a message; null: this message is no wall's.
 * @param {any} known
 * @param {any} message
 */
export function wallAfter(known, message) {
  if (message.type === "wall-snapshot") return message.wall;
  if (message.type === "wall" && known) return { ...known, ...message.wall };
  return null;
}

/**
 * Draw each part of the wall that changed into the box.
 * @param {HTMLElement} box
 * @param {any} wall
 * @param {Record<string, (wall: any) => HTMLElement>} [parts] what is drawn, by name, in this order
 */
export function drawWall(box, wall, parts = PARTS) {
  for (const [name, draw] of Object.entries(parts)) {
    const told = JSON.stringify(NEEDS[name].map((section) => wall[section]));
    const old = /** @type {any} */ (box.querySelector(`:scope > [data-part="${name}"]`));
    if (old?.told === told) continue;
    const drawn = /** @type {any} */ (draw(wall));
    drawn.dataset.part = name;
    drawn.told = told;
    if (old) old.replaceWith(drawn);
    else box.append(drawn);
  }
}

/** @type {Record<string, string[]>} which sections each part is made of */
const NEEDS = {
  alarms: ["emergencies", "alerts"],
  now: ["calls_now", "link"],
  today: ["today"],
  agents: ["agents", "link"],
  debts: ["debts"],
  campaigns: ["campaigns"],
  hours: ["today", "link"],
};

/** @type {Record<string, (wall: any) => HTMLElement>} */
export const PARTS = { alarms, now, today, agents, debts, campaigns, hours };

/** @param {any} value */
function orNone(value) {
  return value === null || value === undefined ? el("span", { class: "no-data" }, words.no_data) : String(value);
}

/** @param {number | null} share */
function percent(share) {
  if (share === null) return orNone(null);
  return share === 1 ? "100%" : `${(Math.floor(share * 1000) / 10).toFixed(1)}%`;
}

/**
 * @param {string} name
 * @param {any} value
 * @param {any} [note]
 * @param {string} [is]
 */
function tile(name, value, note = "", is = "") {
  return el("div", { class: "tile", "data-is": is }, el("h3", {}, name), el("p", { class: "figure-value" }, value), note && el("p", { class: "note" }, note));
}

/** @param {string} title @param {...any} inside */
function panel(title, ...inside) {
  return el("section", { class: "wall-panel", "aria-label": title }, el("h2", {}, title), ...inside);
}

/** @param {any} wall */
function alarms({ emergencies, alerts }) {
  const own = words.wall;
  return el(
    "section",
    { class: "alarms", "aria-label": own.alarms, role: "status" },
    emergencies.map((/** @type {any} */ one) =>
      el(
        "p",
        { class: "alarm", "data-is": one.state },
        el("strong", {}, words.alert[one.state]),
        one.home && el("b", {}, one.home),
        el("span", { class: "number" }, one.number || words.withheld),
        one.agent && el("span", {}, one.agent),
        one.state === "calling" && el("span", { class: "number", "data-since": one.since }, span(between(one.since))),
        one.state === "unanswered" && el("span", { class: "number" }, clock(one.since)),
      ),
    ),
    alerts.map((/** @type {any} */ one) =>
      el(
        "p",
        { class: "alarm", "data-is": one.state === "acknowledged" ? "noted" : "rule", "data-rule": one.rule },
        el("strong", {}, alertText(one)),
        el("span", { class: "number" }, fill(own.since, { time: clock(one.raised_at).slice(0, 5) })),
        one.acknowledged_by && el("span", {}, fill(own.noted, { name: one.acknowledged_by })),
      ),
    ),
  );
}

/** What an alert by rule says. @param {any} one @returns {string} */
export function alertText(one) {
  const value = one.rule === "three-rings" ? percentText(one.value) : String(Math.round(one.value));
  return fill(words.wall.rules[one.rule] ?? one.rule, { n: value, who: one.name || one.subject });
}

/** @param {number} share */
function percentText(share) {
  return `${(Math.floor(share * 1000) / 10).toFixed(1)}%`;
}

/** @param {any} wall */
function now({ calls_now: calls }) {
  const own = words.wall;
  const longest = calls.longest_since
    ? el("span", { "data-since": calls.longest_since }, span(between(calls.longest_since)))
    : calls.waiting === 0 ? own.longest_none : orNone(null);
  return panel(
    own.now,
    el(
      "div",
      { class: "tiles" },
      tile(own.in_menu, orNone(calls.in_menu)),
      tile(words.state.waiting, orNone(calls.waiting), "", calls.waiting ? "warn" : ""),
      tile(own.longest, longest, "", calls.waiting ? "warn" : ""),
      tile(words.state.talking, orNone(calls.talking)),
    ),
  );
}

/** @param {any} wall */
function today({ today: { figures } }) {
  const own = words.wall;
  const { p50, p90, p99 } = figures.human_seconds;
  /** @param {number | null} wait */
  const wait = (wait) => (wait === null ? orNone(null) : exact(wait));
  return panel(
    own.today,
    el(
      "div",
      { class: "tiles" },
      tile(words.three_rings, percent(figures.three_rings_share), `${figures.within_three_rings} / ${figures.offered}`, bad(figures.three_rings_share, 0.95)),
      tile(own.service_level, percent(figures.service_level), "", bad(figures.service_level, 0.8)),
      tile(own.answered, `${figures.answered} / ${figures.offered}`, fill(own.abandoned, { n: figures.abandoned, short: figures.short_abandoned })),
      tile(own.turned_away, String(figures.turned_away), "", figures.turned_away ? "bad" : ""),
      tile("P50", wait(p50), own.human),
      tile("P90", wait(p90), own.human),
      tile("P99", wait(p99), own.human),
    ),
    // In Chinese the formulas come with the figures, from the file that counts them.
    el("p", { class: "formula" }, `${words.three_rings} = ${language === "zh" ? figures.three_rings_formula : own.formula.three_rings}`),
    el("p", { class: "formula" }, `${own.service_level} = ${language === "zh" ? figures.service_level_formula : own.formula.service_level}`),
  );
}

/** @param {number | null} share @param {number} goal */
function bad(share, goal) {
  return share !== null && share < goal ? "bad" : "";
}

/** @param {any} wall */
function agents({ agents, link }) {
  const own = words.wall;
  if (!link.is_current) return panel(words.agents, el("p", { class: "no-data" }, words.no_data), el("p", { class: "note" }, words.agents_stale));
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const one of agents) counts.set(one.state, (counts.get(one.state) ?? 0) + 1);
  const present = agents.filter((/** @type {any} */ one) => one.state !== "signed-out");
  return panel(
    words.agents,
    el("p", { class: "counts" }, [...counts].map(([state, n]) => el("span", { "data-is": state }, `${words.agent_state[state] ?? state} ${n}`))),
    present.length
      ? el(
          "ul",
          { class: "wall-agents" },
          present.slice(0, AGENTS_SHOWN).map((/** @type {any} */ one) =>
            el(
              "li",
              { "data-is": TALKING.includes(one.state) ? "talking" : one.state },
              el("b", {}, one.name || one.extension),
              el("span", {}, words.agent_state[one.state] ?? one.state, one.reason && ` · ${words.agent_page.reason[one.reason] ?? one.reason}`),
              one.since && el("span", { class: "number", "data-since": one.since }, span(between(one.since))),
            ),
          ),
        )
      : el("p", { class: "note" }, own.nobody),
    present.length > AGENTS_SHOWN && el("p", { class: "note" }, fill(own.more, { n: present.length - AGENTS_SHOWN })),
  );
}

/** @param {any} wall */
function debts({ debts }) {
  const own = words.wall;
  return panel(
    fill(own.debts, { n: debts.calls_open }),
    el("p", { class: "counts" }, el("span", { "data-is": debts.overdue ? "late" : "" }, fill(own.owed, { open: debts.open, overdue: debts.overdue }))),
    debts.calls.length
      ? el(
          "ul",
          { class: "wall-debts" },
          debts.calls.map((/** @type {any} */ one) =>
            el(
              "li",
              { "data-is": one.is_overdue ? "late" : "" },
              el("span", {}, words.follow_up_kind[one.kind] ?? one.kind),
              el("b", {}, one.home || ""),
              el("span", { class: "number" }, one.number || words.withheld, one.calls > 1 && ` ×${one.calls}`),
              el("span", { class: "number" }, dayAndClock(one.since)),
              el("span", {}, one.due ? fill(own.until, { time: dayAndClock(one.due) }) : "", one.taken_by_name && ` · ${one.taken_by_name}`),
            ),
          ),
        )
      : el("p", { class: "note good" }, own.nothing_owed),
    debts.calls_open > debts.calls.length && el("p", { class: "note" }, fill(own.more, { n: debts.calls_open - debts.calls.length })),
  );
}

/** @param {any} wall */
function campaigns({ campaigns }) {
  const own = words.wall;
  return panel(
    words.campaigns.title,
    campaigns.length
      ? el(
          "ul",
          { class: "wall-campaigns" },
          campaigns.map((/** @type {any} */ one) =>
            el(
              "li",
              {},
              el("b", {}, one.name),
              el("span", {}, words.campaigns.states[one.state] ?? one.state),
              el("progress", { max: Math.max(1, one.targets), value: one.done, "aria-label": one.name }),
              el("span", { class: "number" }, fill(own.campaign, one)),
            ),
          ),
        )
      : el("p", { class: "note" }, own.no_campaign),
  );
}

/** @param {any} wall */
function hours({ today, link }) {
  const own = words.wall;
  const last = link.gaps.slice(-GAPS_SHOWN);
  return panel(
    own.hours,
    hoursChart(today.hours, link.gaps),
    pictureNote(),
    last.length
      ? el("p", { class: "note" }, own.gaps, " ", last.map((/** @type {any} */ gap) => `${clock(gap.began)}–${clock(gap.ended) || own.until_now}`).join(words.and))
      : el("p", { class: "note" }, own.no_gaps),
  );
}
