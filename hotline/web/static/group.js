// @ts-check
// The page of a group: what goes on at each centre, all of them together, and dangers on top, with sound. A centre that is
// not heard has no figure: not the last one, and not nought.

import { sound } from "./alarm.js";
import { at, el } from "./dom.js";
import "./group_compared.js";
import { hearCentres } from "./group_live.js";
import { percent } from "./report_parts.js";
import { between, dayAndClock, exact, span } from "./times.js";
import { fill, words } from "./words.js";

const own = words.group;
const TONE_MS = 3_000;
const LOUD = ["calling", "unanswered", "danger"];
const COLUMNS = ["in_menu", "waiting", "longest", "talking", "agents_ready", "offered", "three_rings", "human_p90", "to_call_back", "overdue", "heard_at"];

/** @type {any[]} */
let centres = [];
let lastTone = 0;

hearCentres((known) => {
  centres = known.centres;
  draw(known);
  at("group").dataset.state = "shown";
});

/** @param {import("./group_live.js").Known} known */
function draw({ centres: shown, sum }) {
  drawIn("dangers", shown.map((one) => [one.id, one.name, one.page, one.emergencies]), () => dangers(shown));
  drawIn("centres", [shown, sum], () => [shown.length ? table(shown, sum) : el("p", { class: "empty" }, own.none)]);
}

/** Draw a part anew only where it is another one: what is drawn again is read out again. @param {string} id @param {any} told @param {() => Node[]} make */
function drawIn(id, told, make) {
  const box = /** @type {any} */ (at(id));
  const text = JSON.stringify(told);
  if (box.told === text) return;
  box.told = text;
  box.replaceChildren(...make());
}

/** @param {any[]} shown @returns {HTMLElement[]} */
function dangers(shown) {
  return shown.flatMap((centre) =>
    centre.emergencies
      .filter((/** @type {any} */ one) => one.state !== "over")
      .map((/** @type {any} */ one) =>
        el(
          "p",
          { class: "alert", "data-is": LOUD.includes(one.state) ? one.state : "answered" },
          el("strong", {}, words.alert[one.state]),
          el("b", {}, centre.name),
          one.home && el("span", {}, one.home),
          one.since && el("span", { class: "waiting", "data-since": one.since }, span(between(one.since))),
          el("a", { class: "button", href: `${centre.page}/calls/${encodeURIComponent(one.id)}` }, fill(own.open, { name: centre.name })),
        ),
      ),
  );
}

/** @param {any[]} shown @param {any} sum */
function table(shown, sum) {
  return el(
    "table",
    {},
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, own.centre), COLUMNS.map((name) => el("th", { scope: "col" }, own.columns[name])))),
    el("tbody", {}, shown.map(row)),
    el("tfoot", {}, el("tr", {}, el("th", { scope: "row" }, own.all, " ", el("small", { class: "soft" }, fill(own.of, sum))), cells(sum), el("td", {}, "—"), owing(sum), el("td", {}, ""))),
  );
}

/** @param {any} one */
function row(one) {
  const name = el("th", { scope: "row" }, el("a", { href: one.page, title: fill(own.open, { name: one.name }) }, one.name), " ", el("small", { class: "soft" }, one.id));
  if (!one.is_heard) {
    const since = one.heard_at ? fill(own.no_data_since, { at: dayAndClock(one.heard_at) }) : own.never;
    return el("tr", { "data-centre": one.id, "data-is": "lost" }, name, el("td", { colspan: COLUMNS.length, class: "lost" }, el("strong", {}, since), " ", el("span", {}, own.why[one.why] ?? one.why)));
  }
  if (one.is_current === false) name.append(" ", el("span", { class: "tag no-switch" }, own.no_switch));
  return el(
    "tr",
    { "data-centre": one.id, "data-is": "heard" },
    name,
    cells(one),
    el("td", { class: "number" }, one.human_p90 === null ? words.no_data : exact(one.human_p90)),
    owing(one),
    el("td", { class: "number soft" }, el("span", { "data-age": one.heard_at }, age(one.heard_at))),
  );
}

/** @param {any} one */
function cells(one) {
  const longest = one.longest_since ? el("span", { "data-since": one.longest_since }, span(between(one.longest_since))) : one.waiting === null ? words.no_data : "—";
  return [
    number(one.in_menu, "in_menu"),
    number(one.waiting, "waiting", one.waiting ? "warn" : ""),
    el("td", { class: "number", "data-column": "longest", "data-is": one.waiting ? "warn" : "" }, longest),
    number(one.talking, "talking"),
    number(one.agents_ready, "agents_ready", one.agents_ready === 0 ? "bad" : ""),
    number(one.offered, "offered"),
    el("td", { class: "number", "data-column": "three_rings" }, percent(one.three_rings_share)),
  ];
}

/** @param {any} one */
function owing(one) {
  return [number(one.to_call_back, "to_call_back", one.to_call_back ? "warn" : ""), number(one.overdue, "overdue", one.overdue ? "bad" : "")];
}

/** @param {number | null} n @param {string} column @param {string} [is] */
function number(n, column, is = "") {
  return el("td", { class: n === null ? "number no-data" : "number", "data-column": column, "data-is": is }, n === null ? words.no_data : String(n));
}

/** @param {string} iso */
function age(iso) {
  return fill(words.group.ago, { n: Math.max(0, Math.floor(between(iso))) });
}

setInterval(() => {
  for (const one of document.querySelectorAll("#group [data-since]")) {
    one.textContent = span(between(String(/** @type {HTMLElement} */ (one).dataset.since)));
  }
  for (const one of document.querySelectorAll("#group [data-age]")) {
    one.textContent = age(String(/** @type {HTMLElement} */ (one).dataset.age));
  }
  const isDanger = centres.some((one) => one.emergencies.some((/** @type {any} */ danger) => LOUD.includes(danger.state)));
  if (!isDanger || Date.now() - lastTone < TONE_MS) return;
  lastTone = Date.now();
  sound.play();
}, 1000);
