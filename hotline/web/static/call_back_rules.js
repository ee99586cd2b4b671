// @ts-check
// The page of call-backs: the trade's table with this quarter's samples, newsletters and events, the head's share.

import { ask } from "./ask.js";
import { buildingsOf } from "./buildings.js";
import { at, el } from "./dom.js";
import { nameOf, person } from "./people.js";
import { opensItems, percent } from "./report_parts.js";
import { dayAndClock } from "./times.js";
import { fill, words } from "./words.js";

const own = words.call_back_rules;
const HERE = "/api/v1/aftercare";
const MOST = 100; // buildings
const LOOK = 10_000; // ms, while homes are being drawn
const outreachForm = /** @type {HTMLFormElement} */ (at("outreach"));
const shareForm = /** @type {HTMLFormElement} */ (at("share"));
let version = 0;
let looking = 0;

/** @param {HTMLFormElement} form @param {string} name @returns {HTMLInputElement} */
function field(form, name) {
  return /** @type {HTMLInputElement} */ (form.elements.namedItem(name));
}

/** @param {string} table @param {HTMLElement[]} rows */
function fillTable(table, rows) {
  /** @type {HTMLElement} */ (at(table).querySelector("tbody")).replaceChildren(...rows);
}

/** @param {any} told */
function drawLists(told) {
  const days = { from: told.first, to: told.last };
  at("quarter").textContent = fill(own.quarter, { first: told.first, last: told.last });
  fillTable("table", told.rows.map((/** @type {any} */ one) => ruleRow(one, days)));
  fillTable("outreach-list", told.outreaches.map(outreachRow));
  at("outreach-list").hidden = !told.outreaches.length;
  at("no-outreaches").hidden = told.outreaches.length > 0;
}

/** @param {any} told */
function draw(told) {
  follow(told);
  field(outreachForm, "day").max = told.today;
  field(outreachForm, "day").min = weekBefore(told.today);
  if (!field(outreachForm, "day").value) field(outreachForm, "day").value = told.today;
  drawShare(told.share);
  at("call-backs").dataset.state = "shown";
}

/** Tell how far homes are drawn, until all are. @param {any} told */
function follow(told) {
  drawLists(told);
  clearTimeout(looking);
  if (told.outreaches.some((/** @type {any} */ one) => !one.is_finished)) looking = setTimeout(async () => follow(await ask(HERE).catch(() => told)), LOOK);
}

/** @param {string} day */
function weekBefore(day) {
  return new Date(Date.parse(day) - 7 * 86_400_000).toISOString().slice(0, 10);
}

/** @param {any} one @param {{from: string, to: string}} days */
function ruleRow(one, days) {
  const opens = (/** @type {string} */ figure, /** @type {number} */ n) => el("td", { class: "number" }, opensItems(n, days, { figure, value: one.after }));
  return el(
    "tr",
    { "data-after": one.after },
    el("th", { scope: "row" }, words.after[one.after]),
    el("td", { class: "wide" }, own.when[one.after]),
    el("td", {}, one.percent === 100 ? own.every : fill(own.percent_of, { n: one.percent }), one.is_set_by_head && el("span", { class: "tag" }, own.by_head)),
    opens("sampled", one.sampled),
    opens("drawn", one.drawn),
    opens("called", one.called),
    opens("called-in-time", one.in_time),
    el("td", { class: "number" }, one.share === null ? el("span", { class: "soft" }, own.no_data) : percent(one.share)),
  );
}

/** @param {any} one */
function outreachRow(one) {
  const where = one.buildings.length ? one.buildings.map((/** @type {number} */ n) => fill(own.outreach.building, { n })).join("、") : own.outreach.whole;
  const number = (/** @type {number} */ n) => el("td", { class: "number" }, n);
  return el(
    "tr",
    { "data-outreach": one.id },
    el("td", {}, own.outreach.sorts[one.sort]),
    el("td", { class: "wide" }, one.title),
    el("td", { class: "number" }, one.day),
    el("td", { class: "wide" }, where),
    el("td", { class: "number" }, one.homes, !one.is_finished && el("span", { class: "tag", "data-is": "draft" }, own.outreach.goes_on)),
    number(one.sampled),
    number(one.drawn),
    number(one.called),
    number(one.in_time),
    el("td", {}, person(one.by)),
  );
}

/** @param {any} share */
function drawShare(share) {
  version = share.version;
  const at_ = share.at ? `${share.at.slice(0, 4)}-${dayAndClock(share.at)}` : "";
  at("share-now").textContent = fill(share.is_from_page ? own.share.from_page : own.share.from_file, { percent: share.percent, by: nameOf(share.by), at: at_, n: share.in_file, reason: share.reason });
  field(shareForm, "percent").value = share.percent;
  field(shareForm, "reason").value = "";
  at("share-to-file").textContent = fill(own.share.to_file, { n: share.in_file });
  at("share-to-file").hidden = !share.is_from_page;
}

/**
 * Do it, and say what came of it.
 * @param {string} what the panel's beginning: "outreach" or "share"
 * @param {() => Promise<string>} act returns what is told
 */
async function doing(what, act) {
  const panel = /** @type {HTMLElement} */ (at(what).closest("section"));
  at(`${what}-refused`).hidden = at(`${what}-told`).hidden = true;
  panel.dataset.state = "busy";
  try {
    at(`${what}-told`).textContent = await act();
    at(`${what}-told`).hidden = false;
  } catch (wrong) {
    const { message, details } = /** @type {Error & { details?: any }} */ (wrong);
    at(`${what}-refused`).textContent = own.why[details?.why] ?? fill(own.refused[message] ?? own.refused.other, { by: nameOf(details?.by ?? ""), n: details?.percent ?? "" });
    at(`${what}-refused`).hidden = false;
    if (message === "aftercare-share-changed") draw(await ask(HERE));
  }
  panel.dataset.state = "ready";
}

outreachForm.addEventListener("submit", (event) => {
  event.preventDefault();
  doing("outreach", async () => {
    const { sort, title, day, buildings } = Object.fromEntries(new FormData(outreachForm));
    const isWhole = field(outreachForm, "is_whole").checked;
    const chosen = isWhole ? [] : buildingsOf(String(buildings), MOST);
    if (!chosen) throw Object.assign(new Error("outreach-refused"), { details: { why: "where" } });
    const told = await ask(`${HERE}/outreaches`, { sort, title, day, buildings: chosen, is_whole: isWhole });
    draw(told);
    outreachForm.reset();
    field(outreachForm, "day").value = told.today;
    letWrite();
    const made = told.outreaches.find((/** @type {any} */ one) => one.sort === sort && one.day === day && one.title === String(title).trim());
    return fill(own.outreach.saved, made ?? told.outreaches[0]);
  });
});

/** Where it went is said: of some buildings, or by a tick of all; nothing written is nowhere. */
function letWrite() {
  const isWhole = field(outreachForm, "is_whole").checked;
  field(outreachForm, "buildings").disabled = isWhole;
  field(outreachForm, "buildings").required = !isWhole;
}

field(outreachForm, "is_whole").addEventListener("change", letWrite);

/** @param {number | null} wanted null: the file's */
function keepShare(wanted) {
  doing("share", async () => {
    await ask(`${HERE}/share`, { percent: wanted, version, reason: field(shareForm, "reason").value });
    const told = await ask(HERE);
    draw(told);
    return fill(own.share.saved, { n: told.share.percent });
  });
}

shareForm.addEventListener("submit", (event) => {
  event.preventDefault();
  keepShare(Number(field(shareForm, "percent").value));
});
at("share-to-file").addEventListener("click", () => {
  if (field(shareForm, "reason").reportValidity()) keepShare(null);
});

draw(await ask(HERE));
