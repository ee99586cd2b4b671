// @ts-check
// The duty roster: who is rung outside the hours, week by week; the days of the desk; what was changed by whom.

import { ask } from "./ask.js";
import { changeItem } from "./changes.js";
import { at, el } from "./dom.js";
import { day } from "./times.js";
import { fill, language, words } from "./words.js";

const own = words.roster;
const HERE = "/api/v1/roster";
const DAY = 86_400_000;
const page = at("roster");
const today = page.dataset.today ?? "";
const from = /** @type {HTMLInputElement} */ (at("from"));
const form = /** @type {HTMLFormElement} */ (at("turn"));
const fileForm = /** @type {HTMLFormElement} */ (at("file"));
let editing = 0; // the number of the turn in the form; 0: a new one
let asking = 0; // the number of the turn that is to be taken out
/** @type {any[]} */
let turns = [];

/** @param {string} iso @param {number} days @returns {string} */
function moved(iso, days) {
  return new Date(Date.parse(iso) + days * DAY).toISOString().slice(0, 10);
}

/** @param {string} iso @returns {string} the Monday of its week */
function monday(iso) {
  return moved(iso, -((new Date(Date.parse(iso)).getUTCDay() + 6) % 7));
}

async function read() {
  const [found, told] = await Promise.all([ask(`${HERE}?${new URLSearchParams({ from: from.value, to: moved(from.value, 6) })}`), ask(`${HERE}/history`)]);
  turns = found.turns;
  at("days").replaceChildren(...found.days.map(dayItem));
  at("known-until").textContent = found.holidays_known_until ? fill(own.known_until, { day: found.holidays_known_until }) : "";
  at("history").replaceChildren(...told.changes.map(changeItem));
  show();
}

function show() {
  at("turns").querySelector("tbody")?.replaceChildren(...turns.map(row));
  at("none").hidden = turns.length > 0;
  page.dataset.state = "shown";
}

/** @param {any} one */
function dayItem(one) {
  const is = one.is_exception ? "exception" : one.is_holiday ? "holiday" : one.is_workday_instead ? "workday" : "";
  const weekday = new Intl.DateTimeFormat(language === "zh" ? "zh-CN" : "en-GB", { weekday: "short", timeZone: "UTC" }).format(Date.parse(one.day));
  return el("li", { "data-is": is, "data-today": one.day === today }, el("b", {}, `${weekday} ${day(one.day)}`), el("small", {}, one.hours.join(" ") || own.closed), is && el("small", {}, own.day_is[is]));
}

/** @param {any} one */
function row(one) {
  const take = () => attempt(() => ask(`${HERE}/${one.id}/remove`, {}));
  return el(
    "tr",
    { "data-id": one.id, "data-is": one.is_now ? "now" : one.is_over ? "over" : "" },
    el("td", { class: "number" }, `${day(one.starts)} ${one.starts.slice(11, 16)} – ${day(one.ends)} ${one.ends.slice(11, 16)}`, one.is_now && el("span", { class: "tag", "data-is": "answered" }, own.now)),
    el("td", { class: "number" }, one.place),
    el("td", {}, own.duties[one.duty] ?? one.duty),
    el("td", {}, one.name),
    el("td", { class: "number" }, one.number),
    el("td", { class: "number" }, fill(own.seconds, { n: one.rings_for })),
    el(
      "td",
      {},
      !one.is_over &&
        el(
          "div",
          { class: "acts" },
          el("button", { type: "button", onclick: () => edit(one) }, own.edit),
          asking === one.id
            ? el("button", { type: "button", class: "primary", onclick: take }, one.is_now ? own.end_sure : own.remove_sure)
            : el("button", { type: "button", class: "quiet", onclick: () => { asking = one.id; show(); } }, one.is_now ? own.end : own.remove),
        ),
    ),
  );
}

/** @param {() => Promise<any>} act */
async function attempt(act) {
  const refused = at("refused");
  refused.hidden = true;
  try {
    await act();
    asking = 0;
    await read();
    return true;
  } catch (wrong) {
    const { message, details } = /** @type {any} */ (wrong);
    const why = language === "zh" ? details?.chinese : details?.english;
    refused.textContent = message === "turn-refused" && why ? fill(own.refused_why, { field: own.fields[details.field] ?? details.field, why }) : (own.refused[message] ?? own.refused.other);
    refused.hidden = false;
    page.dataset.state = "shown";
    return false;
  }
}

/** @param {string} name @returns {any} */
function field(name) {
  return form.elements.namedItem(name);
}

/** @param {any} one a turn, or null for a new one */
function edit(one) {
  editing = one ? one.id : 0;
  at("form-title").textContent = one ? own.edit_title : own.add_title;
  at("repeat").hidden = at("not-now").hidden = false;
  at(one ? "repeat" : "not-now").hidden = true;
  at("keep-number").hidden = !one;
  if (!one) {
    form.reset();
    return;
  }
  field("from").value = one.starts.slice(0, 16);
  field("until").value = one.ends.slice(0, 16);
  for (const name of ["place", "duty", "name", "rings_for"]) field(name).value = one[name];
  field("number").value = "";
  form.scrollIntoView({ block: "center" });
  field("from").focus();
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { days, ...written } = /** @type {any} */ (Object.fromEntries(new FormData(form)));
  const turn = { ...written, place: Number(written.place), rings_for: Number(written.rings_for) };
  const done = await attempt(() => (editing ? ask(`${HERE}/${editing}`, turn, "PUT") : ask(HERE, { ...turn, days: Number(days) })));
  if (done) edit(null);
});
at("not-now").addEventListener("click", () => edit(null));

/** @param {boolean} dry whether it is only said what would happen */
async function takeIn(dry) {
  const [file] = fileForm.elements.namedItem("file") instanceof HTMLInputElement ? (/** @type {any} */ (fileForm.elements.namedItem("file")).files ?? []) : [];
  if (!file) return;
  const bytes = await file.arrayBuffer();
  let text;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    text = new TextDecoder("gb18030").decode(bytes); // as spreadsheets in China save it
  }
  const told = at("file-told");
  try {
    const found = await ask(`${HERE}/file`, { text, dry_run: dry });
    told.textContent = found.problems.length ? found.problems.join("\n") : fill(dry ? own.file_would : own.file_did, found);
    at("take-in").hidden = !dry || found.problems.length > 0;
    if (!dry) await read();
  } catch {
    told.textContent = own.file_refused;
    at("take-in").hidden = true;
  }
}
fileForm.addEventListener("submit", (event) => {
  event.preventDefault();
  takeIn(true);
});
fileForm.addEventListener("input", () => (at("take-in").hidden = true));
at("take-in").addEventListener("click", () => takeIn(false));

/** @param {string} first */
function look(first) {
  from.value = first;
  attempt(async () => {});
}
from.addEventListener("change", () => from.value && look(from.value));
at("earlier").addEventListener("click", () => look(moved(from.value, -7)));
at("later").addEventListener("click", () => look(moved(from.value, 7)));
at("this-week").addEventListener("click", () => look(monday(today)));
document.getElementById("hours")?.addEventListener("hours-saved", () => attempt(async () => {}));
look(monday(today));
