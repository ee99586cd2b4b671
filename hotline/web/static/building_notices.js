// @ts-check
// Notices to buildings: what callers from there hear from one moment until another; listened to, posted, ended early.

import { ask } from "./ask.js";
import { buildingsOf } from "./buildings.js";
import { at, el } from "./dom.js";
import { nameOf, person } from "./people.js";
import { dayAndClock } from "./times.js";
import { fill, words } from "./words.js";

const own = words.building_notices;
const LOOK = 10_000; // ms; a notice begins and ends by itself
const MOST = 100; // buildings

const page = at("building-notices");
const form = /** @type {HTMLFormElement} */ (at("notice-form"));
const player = /** @type {HTMLAudioElement} */ (at("notice-player"));
let offset = "+08:00"; // of the centre's clock, as the server writes it

/** @param {string} name @returns {string} what stands in a field of the form */
function value(name) {
  return /** @type {HTMLInputElement} */ (form.elements.namedItem(name)).value.trim();
}

/** @param {any} told */
function draw(told) {
  offset = /([+-]\d\d:\d\d)$/.exec(told.now)?.[1] ?? "+00:00";
  /** @type {HTMLElement} */ (at("notice-list").querySelector("tbody")).replaceChildren(...told.notices.map(row));
  at("notice-list").hidden = !told.notices.length;
  at("no-notices").hidden = told.notices.length > 0;
}

/** @param {any} notice */
function row(notice) {
  const waits = notice.state === "on" ? notice.places.filter((/** @type {any} */ one) => one.incident === null) : [];
  const over = notice.ended_by && notice.ended_by !== "time" ? fill(own.ended_by, { by: nameOf(notice.ended_by) }) : "";
  return el(
    "tr",
    { "data-notice": notice.id },
    el("td", {}, el("span", { class: "tag", "data-is": notice.state }, own.state[notice.state])),
    el(
      "td",
      {},
      notice.places.map((/** @type {any} */ one) => fill(own.building, { n: one.building })).join("、"),
      waits.length > 0 && el("small", { class: "soft" }, ` ${fill(own.waits, { n: waits.length })}`),
    ),
    el("td", {}, notice.text),
    el("td", { class: "number" }, dayAndClock(notice.begins)),
    el("td", { class: "number" }, dayAndClock(notice.ended_at ?? notice.ends), over && el("small", { class: "soft" }, ` ${over}`)),
    el("td", {}, person(notice.by)),
    el("td", {}, notice.state !== "over" && el("button", { type: "button", onclick: () => end(notice.id) }, own.end)),
  );
}

/** @param {() => Promise<void>} act */
async function doing(act) {
  at("notice-refused").hidden = true;
  page.dataset.state = "busy";
  try {
    await act();
  } catch (wrong) {
    const { message, details } = /** @type {Error & { details?: any }} */ (wrong);
    const said = message === "building-notice-refused" ? own.why[details?.why] : (own.refused[message] ?? words.errors[message]);
    at("notice-refused").textContent = said ?? words.errors.other;
    at("notice-refused").hidden = false;
  }
  page.dataset.state = "shown";
}

/** @param {number} id */
function end(id) {
  doing(async () => draw(await ask(`/api/v1/building-notices/${id}/end`, {})));
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  doing(async () => {
    const begins = value("begins") && { begins: `${value("begins")}${offset}` };
    const said = { buildings: buildingsOf(value("buildings"), MOST) ?? [], text: value("text"), ends: `${value("ends")}${offset}`, ...begins };
    draw(await ask("/api/v1/building-notices", said));
    form.reset();
  });
});

at("notice-try").addEventListener("click", () =>
  doing(async () => {
    const tried = await ask("/api/v1/prompts/try", { language: "zh", text: value("text") });
    player.hidden = false;
    player.src = `/api/v1/prompts/tried?name=${tried.name}`;
    player.play().catch(() => undefined);
  }),
);

async function load() {
  draw(await ask("/api/v1/building-notices"));
}

setInterval(() => {
  if (document.visibilityState === "visible" && page.dataset.state === "shown") load().catch(() => undefined);
}, LOOK);
doing(load);
