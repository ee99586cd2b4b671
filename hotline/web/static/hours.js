// @ts-check
// Hours and holidays by a form: what is written is looked at by the server as it is typed, and saved as a new version
// of the menus, which leads the next caller.

import { ask } from "./ask.js";
import { at, el } from "./dom.js";
import { calendarDays, dayName, monthOf } from "./hours_calendar.js";
import { forFields, spansEditor } from "./hours_spans.js";
import { dayAndClock, day as shortDay } from "./times.js";
import { fill, language, words } from "./words.js";

/** @typedef {import("./hours_spans.js").Span} Span */

const own = words.hours;
const HERE = "/api/v1/hours";
const WAITS = 250; // ms after the last key
const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

const page = at("hours");
const today = page.dataset.today ?? "";
const heeds = /** @type {HTMLInputElement} */ (at("heeds"));
const saving = /** @type {HTMLFormElement} */ (at("hours-save"));
let month = monthOf(today);
let inForce = 0;
let chosen = "";
let asked = 0; // which look was asked for last
let timer = 0;
/** @type {Span[][]} */
let week = [];
/** @type {Span[]} */
let holidays = [];
/** @type {Map<string, Span[]>} */
let exceptions = new Map();
/** @type {any} */
let looked = null;

/** What the form says. */
function written() {
  return {
    week,
    holidays: heeds.checked ? holidays : null,
    exceptions: [...exceptions].map(([day, spans]) => ({ day, spans })),
  };
}

/** Fill the form with what is in force. */
async function begin() {
  const told = await ask(HERE);
  inForce = told.in_force;
  week = told.week.map(forFields);
  heeds.checked = told.holidays !== null;
  holidays = forFields(told.holidays ?? []);
  exceptions = new Map(told.exceptions.map((/** @type {any} */ one) => [one.day, forFields(one.spans)]));
  chosen = "";
  at("hours-in-force").textContent = fill(told.by ? own.in_force : own.in_force_file, { n: told.in_force, by: told.by, at: dayAndClock(told.at), day: told.holidays_known_until });
  at("hours-refused").hidden = true;
  at("hours-conflict").hidden = true;
  drawForm();
  await look();
}

function drawForm() {
  at("week").replaceChildren(
    ...week.map((spans, n) =>
      el("tr", { "data-field": DAYS[n] }, el("th", { scope: "row" }, own.fields[DAYS[n]]), el("td", {}, spansEditor(own.fields[DAYS[n]], spans, changed), el("small", { class: "wrong", "data-wrong-of": DAYS[n] }))),
    ),
  );
  at("holiday-spans").replaceChildren(heeds.checked ? spansEditor(own.fields.holidays, holidays, changed) : "");
}

function changed() {
  page.dataset.state = "looking";
  at("hours-told").hidden = true;
  window.clearTimeout(timer);
  timer = window.setTimeout(look, WAITS);
}

/** Ask what the form would do, and show it. */
async function look() {
  const turn = (asked += 1);
  page.dataset.state = "looking";
  try {
    const found = await ask(`${HERE}/look`, { ...written(), first: month.first, last: month.last });
    if (turn !== asked) return; // a later one is on its way
    looked = found;
    show();
  } catch (wrong) {
    if (turn === asked) refuse(wrong);
  }
}

/** @param {any} one @returns {string} */
function why(one) {
  return language === "zh" ? one.chinese : one.english;
}

/** @param {string} field @returns {string} */
function fieldName(field) {
  return own.fields[field] ?? field;
}

/** @param {string | null} text of a field, as the menus have it */
function said(text) {
  return text === null ? own.as_usual : text === "closed" ? own.closed : text === "open" ? own.not_heeded : text;
}

function show() {
  const wrong = new Map(looked.problems.map((/** @type {any} */ one) => [one.field, why(one)]));
  for (const place of page.querySelectorAll("[data-wrong-of]")) place.textContent = wrong.get(/** @type {HTMLElement} */ (place).dataset.wrongOf) ?? "";
  at("month").textContent = month.name;
  const had = /** @type {HTMLElement | null} */ (document.activeElement)?.dataset.day;
  at("calendar").replaceChildren(...calendarDays(looked.days, { today, chosen, wrong: new Set(wrong.keys()), choose }));
  if (had) /** @type {HTMLElement | null} */ (at("calendar").querySelector(`[data-day="${had}"]`))?.focus();
  at("hours-problems").replaceChildren(...looked.problems.map((/** @type {any} */ one) => el("li", {}, `${fieldName(one.field)}: ${why(one)}`)));
  at("hours-differences").replaceChildren(
    ...looked.differences.map((/** @type {any} */ one) => el("li", {}, el("b", {}, fieldName(one.field)), " ", el("del", {}, said(one.before)), " → ", el("ins", {}, said(one.after)))),
  );
  const days = looked.days_changed.map(shortDay).join(own.comma);
  const more = looked.days_changed_count > looked.days_changed.length;
  at("hours-days").textContent = looked.differences.length ? fill(looked.days_changed_count ? (more ? own.days_more : own.days) : own.no_days, { days, n: looked.days_changed_count }) : "";
  at("hours-none").hidden = looked.differences.length > 0 || wrong.size > 0;
  /** @type {HTMLButtonElement} */ (at("save-hours")).disabled = wrong.size > 0 || looked.differences.length === 0;
  if (wrong.size || !looked.differences.length) saving.hidden = true;
  page.dataset.state = "shown";
}

/** @param {string} day */
function choose(day) {
  chosen = day;
  const usual = !exceptions.has(day);
  const isOver = day < today;
  /** @param {string} which @param {string} label @param {boolean} is @param {() => void} act */
  const way = (which, label, is, act) => {
    const field = /** @type {HTMLInputElement} */ (el("input", { type: "radio", name: "day-is", value: which, disabled: isOver && which !== "usual", onchange: () => { act(); choose(day); /** @type {HTMLElement | null} */ (at("day").querySelector(":checked"))?.focus(); changed(); } }));
    field.checked = is;
    return el("label", { class: "tick" }, field, label);
  };
  const spans = exceptions.get(day);
  at("day").replaceChildren(
    el("fieldset", {}, el("legend", {}, dayName(day)),
      way("usual", own.usual, usual, () => exceptions.delete(day)),
      way("closed", own.closed_all_day, spans?.length === 0, () => exceptions.set(day, [])),
      way("own", own.own_hours, (spans?.length ?? 0) > 0, () => exceptions.set(day, [{ opens: "09:00", closes: "18:00", next_day: false }])),
      spans?.length && !isOver ? spansEditor(dayName(day), spans, changed) : "",
      el("small", { class: "wrong", "data-wrong-of": day }),
    ),
  );
  at("day").hidden = false;
  for (const button of at("calendar").querySelectorAll("[data-day]")) button.setAttribute("aria-pressed", String(/** @type {HTMLElement} */ (button).dataset.day === day));
}

/** @param {any} wrong what the server says */
function refuse(wrong) {
  const { message, details } = wrong;
  page.dataset.state = "shown";
  if (message === "menus-changed") {
    inForce = details.in_force;
    at("hours-conflict-who").textContent = fill(own.conflict, { by: details.in_force_by || own.by_file, at: dayAndClock(details.in_force_at), n: details.in_force });
    at("hours-conflict").hidden = false;
    at("hours-conflict").focus();
    saving.hidden = true;
    return;
  }
  at("hours-refused").textContent = own.refused[message] ?? own.refused.other;
  at("hours-refused").hidden = false;
}

saving.addEventListener("submit", async (event) => {
  event.preventDefault();
  const note = /** @type {HTMLInputElement} */ (saving.elements.namedItem("note")).value;
  try {
    const made = await ask(HERE, { ...written(), in_force: inForce, note });
    saving.reset();
    saving.hidden = true;
    await begin();
    at("hours-told").textContent = fill(own.saved, { n: made.in_force });
    at("hours-told").hidden = false;
    page.dispatchEvent(new Event("hours-saved"));
  } catch (wrong) {
    refuse(wrong);
  }
});
at("save-hours").addEventListener("click", () => {
  saving.hidden = false;
  /** @type {HTMLInputElement} */ (saving.elements.namedItem("note")).focus();
});
at("not-save").addEventListener("click", () => (saving.hidden = true));
at("drop-hours").addEventListener("click", begin);
at("take-new").addEventListener("click", begin);
at("keep-written").addEventListener("click", () => {
  at("hours-conflict").hidden = true;
  look();
});
heeds.addEventListener("change", () => {
  drawForm();
  changed();
});
/** @param {number} by months */
function turnMonth(by) {
  month = monthOf(month.first, by);
  look();
}
at("month-before").addEventListener("click", () => turnMonth(-1));
at("month-after").addEventListener("click", () => turnMonth(1));
at("month-now").addEventListener("click", () => {
  month = monthOf(today);
  look();
});
begin().catch(refuse);
