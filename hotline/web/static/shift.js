// @ts-check
// The shift and its hand-over: the outgoing person says a word to what is pressing and signs; the next one reads, ticks and signs.

import { ask } from "./ask.js";
import { at, el } from "./dom.js";
import { listen } from "./live.js";
import { dayAndClock } from "./times.js";
import { fill, say, words } from "./words.js";

const { me, role } = at("shift").dataset;
const PAGE = 20;
const isHead = role !== "agent";
/** @type {any} */
let desk;
let cursor = "";
let drawn = "";
let isWriting = false;
let asked = 0; // of two readings on their way the later one counts

listen(() => {
  if (!isWriting) read();
});
read();
readShifts();
at("more").addEventListener("click", () => readShifts(cursor));

async function read() {
  const mine = ++asked;
  const found = await ask("/api/v1/shifts/current").catch(() => null); // the freshness mark tells
  if (!found || mine !== asked) return;
  desk = found;
  const now = JSON.stringify(desk);
  if (now === drawn) return; // what is being written is not drawn over
  const written = kept();
  drawn = now;
  draw();
  restore(written);
}

function draw() {
  const shift = desk.shift;
  at("whose").textContent = shift ? fill(words.shift_whose, { who: shift.holder_name, since: dayAndClock(shift.began) }) : words.shift_nobody;
  const box = at("hand-over");
  if (!shift) box.replaceChildren(el("button", { class: "primary", onclick: () => act("") }, words.shift_take));
  else if (shift.state === "running") box.replaceChildren(signOutForm(shift));
  else box.replaceChildren(...signedOut(shift));
}

/** @param {any} shift */
function signOutForm(shift) {
  const mayHandOver = shift.holder === me || isHead;
  return el(
    "form",
    { onsubmit: (/** @type {Event} */ event) => (event.preventDefault(), act("/current/sign-out", outgoing())) },
    el("h2", {}, say("shift_open", { n: desk.open_items.length })),
    list(desk.open_items, (item) =>
      mayHandOver
        ? el("input", { name: `word:${item.key}`, maxlength: 200, required: item.needs_word, "aria-label": words.shift_word, placeholder: item.needs_word ? words.shift_word_needed : words.shift_word })
        : null,
    ),
    mayHandOver && property(),
    mayHandOver && el("label", { class: "remarks" }, words.shift_remarks, el("textarea", { name: "remarks", rows: 2, maxlength: 1000 })),
    mayHandOver && el("div", { class: "buttons" }, el("button", { class: "primary" }, words.shift_sign_out)),
  );
}

/** @param {any} shift */
function signedOut(shift) {
  const isTheirs = shift.holder === me;
  const handed = new Map(shift.sheet.items.map((/** @type {any} */ item) => [item.key, item.word]));
  return [
    el("p", { class: "note" }, fill(words.shift_signed_out, { who: shift.signed_out_name, at: dayAndClock(shift.signed_out_at) })),
    summary(shift.sheet),
    shift.remarks && el("p", {}, el("b", {}, words.shift_remarks), " ", shift.remarks),
    el(
      "form",
      { onsubmit: (/** @type {Event} */ event) => (event.preventDefault(), act("/current/sign-in", incoming())) },
      el("h2", {}, say("shift_open", { n: desk.open_items.length })),
      list(desk.open_items, (item) => [
        handed.get(item.key) ? el("p", { class: "word" }, `“${handed.get(item.key)}”`) : null,
        handed.has(item.key) ? null : el("b", { class: "tag alarm" }, words.shift_new_since),
        isTheirs ? null : el("label", { class: "tick" }, el("input", { type: "checkbox", name: "read", value: item.key, required: true }), words.shift_read),
      ]),
      isTheirs ? null : el("label", { class: "remarks" }, words.shift_remarks_in, el("textarea", { name: "remarks", rows: 2, maxlength: 1000 })),
      el(
        "div",
        { class: "buttons" },
        isTheirs ? null : el("button", { class: "primary" }, words.shift_sign_in),
        isTheirs || isHead ? el("button", { type: "button", onclick: () => act("/current/take-back") }, words.shift_take_back) : null,
        el("a", { class: "button", href: `/api/v1/shifts/${shift.id}/sheet.pdf`, download: true }, words.shift_sheet),
      ),
    ),
  ].filter(Boolean);
}

/** @param {any[]} items @param {(item: any) => any} beside */
function list(items, beside) {
  if (!items.length) return el("p", { class: "empty" }, words.shift_nothing_open);
  return el(
    "ol",
    { class: "open-items" },
    ...items.map((item) =>
      el(
        "li",
        { "data-is": item.is_overdue ? "overdue" : item.is_urgent ? "urgent" : "open" },
        el(
          "div",
          {},
          el("b", {}, words.shift_item[item.kind] ?? words.follow_up_kind?.[item.kind] ?? item.kind),
          " ",
          item.is_urgent && el("span", { class: "tag alarm" }, words.urgent),
          item.is_overdue && el("span", { class: "tag alarm" }, words.shift_overdue),
          " ",
          [item.home, item.who].filter(Boolean).join(" "),
          item.due && el("span", { class: "soft" }, ` ${fill(words.shift_due, { at: dayAndClock(item.due) })}`),
          item.stands && el("span", { class: "tag stands", "data-is": item.stands }, [words.shift_stands[item.stands] ?? item.stands, item.held_by].filter(Boolean).join(" · ")),
          item.what && el("p", {}, item.what),
        ),
        el("div", { class: "beside" }, beside(item)),
      ),
    ),
  );
}

function property() {
  return el(
    "fieldset",
    { class: "property" },
    el("legend", {}, words.shift_property),
    ...desk.property.map((/** @type {string} */ name) => el("label", {}, name, el("input", { name: `property:${name}`, maxlength: 60, value: words.shift_property_good }))),
  );
}

/** @param {any} sheet */
function summary(sheet) {
  const kinds = Object.entries(sheet.by_kind).map(([kind, n]) => `${words.kind[kind]} ${n}`);
  const pages = sheet.entries ? `${sheet.first_page} – ${sheet.last_page}` : words.none;
  return el(
    "dl",
    { class: "sheet" },
    ...Object.entries({ calls: sheet.calls, entries: `${sheet.entries}${kinds.length ? say("in_brackets", { text: kinds.join(words.and) }) : ""}`, pages, drafts: sheet.drafts, chain: `${sheet.chain_position} · ${sheet.chain_head.slice(0, 16)}…` }).map(
      ([name, value]) => el("div", {}, el("dt", {}, words.shift_sheet_lines[name]), el("dd", {}, String(value))),
    ),
    ...Object.entries(sheet.property_found).map(([name, found]) => el("div", {}, el("dt", {}, name), el("dd", {}, String(found)))),
  );
}

function fields() {
  const form = at("hand-over").querySelector("form");
  return form ? [...new FormData(form)].map(([name, value]) => [name, String(value)]) : [];
}

/** @param {string} prefix */
function named(prefix) {
  return Object.fromEntries(fields().filter(([name, value]) => name.startsWith(prefix) && value.trim()).map(([name, value]) => [name.slice(prefix.length), value.trim()]));
}

function outgoing() {
  return { remarks: remarks(), words: named("word:"), property: named("property:") };
}

function incoming() {
  return { remarks: remarks(), read: fields().filter(([name]) => name === "read").map(([, value]) => value) };
}

function remarks() {
  return (fields().find(([name]) => name === "remarks") ?? ["", ""])[1].trim();
}

/** What is written in the form, by field; ticks by their value. */
function kept() {
  return fields();
}

/** @param {string[][]} written */
function restore(written) {
  const form = at("hand-over").querySelector("form");
  if (!form) return;
  for (const [name, value] of written) {
    if (name === "read") {
      const box = /** @type {HTMLInputElement | null} */ (form.querySelector(`input[name="read"][value="${CSS.escape(value)}"]`));
      if (box) box.checked = true;
    } else {
      const field = /** @type {HTMLInputElement | null} */ (form.querySelector(`[name="${CSS.escape(name)}"]`));
      if (field) field.value = value;
    }
  }
}

/** @param {string} address @param {any} [said] */
async function act(address, said = {}) {
  isWriting = true;
  try {
    await ask(`/api/v1/shifts${address}`, said);
    refused("");
    await readShifts();
  } catch (wrong) {
    refused(/** @type {Error} */ (wrong).message);
  } finally {
    isWriting = false;
    await read();
  }
}

async function readShifts(before = "") {
  const page = await ask(`/api/v1/shifts?limit=${PAGE}${before ? `&cursor=${before}` : ""}`);
  const rows = page.shifts.filter((/** @type {any} */ one) => one.state === "ended").map(row);
  if (before) at("shifts").append(...rows);
  else at("shifts").replaceChildren(...(rows.length ? rows : [el("tr", {}, el("td", { colspan: 7, class: "empty" }, words.shifts_none))]));
  cursor = page.next_cursor ?? "";
  at("more").hidden = !cursor;
}

/** @param {any} one */
function row(one) {
  const sheet = one.sheet;
  return el(
    "tr",
    {},
    el("td", {}, one.holder_name),
    el("td", { class: "time" }, dayAndClock(one.began)),
    el("td", { class: "time" }, dayAndClock(one.ended)),
    el("td", {}, sheet?.entries ? `${sheet.first_page} – ${sheet.last_page}` : words.none),
    el("td", {}, sheet ? String(sheet.items.length) : words.none),
    el("td", {}, one.successor_name),
    el("td", {}, el("a", { href: `/api/v1/shifts/${one.id}/sheet.pdf`, download: true }, words.shift_sheet)),
  );
}

/** @param {string} id the error's stable id, or "" once all is well */
function refused(id) {
  at("refused").hidden = !id;
  at("refused").textContent = id ? words.errors[id] ?? words.errors.other : "";
}
