// @ts-check
// The page of the duty log: newest first, read again whenever the live socket says that something changed.

import { ask } from "./ask.js";
import { at } from "./dom.js";
import { dutyRow } from "./duty_row.js";
import { entryForm } from "./entry_form.js";
import { isBusy, tickRow } from "./follow_up_row.js";
import { listen } from "./live.js";

const table = /** @type {HTMLTableElement} */ (document.querySelector("table.duty"));
const cursor = new URLSearchParams(location.search).get("cursor");

/** @type {any[]} */
let shown = [];
/** @type {string[]} */
let departments = [];
/** @type {Map<number, string>} each entry as it was drawn */
const drawn = new Map();
let isReading = false;
let isOld = false;
let seen = ""; // when something owed last changed, as far as this page knows

listen((message) => {
  const changed = message.owed ? (message.owed.changed_at ?? "") : seen;
  if (message.type === "snapshot" || message.type === "duty-entry" || changed !== seen) read();
  seen = changed;
  if (message.type === "snapshot") tick(); // only now the page knows what time it is at the centre
});
setInterval(tick, 10_000);
at("new").addEventListener("click", () => {
  const box = at("by-hand");
  if (box.firstChild) return box.replaceChildren();
  const form = entryForm(null, () => {
    box.replaceChildren();
    read();
  });
  form.classList.add("by-hand");
  box.replaceChildren(form);
  form.querySelector("textarea")?.focus();
});
read();

async function read() {
  isOld = true;
  if (isReading) return;
  isReading = true;
  try {
    departments = departments.length ? departments : (await ask("/api/v1/dispatches?limit=1")).departments;
    while (isOld) {
      isOld = false;
      shown = (await ask(`/api/v1/duty-log${cursor ? `?cursor=${encodeURIComponent(cursor)}` : ""}`)).entries;
      draw();
    }
  } catch {
    // The freshness mark tells; the next message reads again.
  } finally {
    isReading = false;
  }
}

function draw() {
  const old = new Map([...table.querySelectorAll("tbody")].map((body) => [body.dataset.number, body]));
  const bodies = shown.map((entry) => {
    const known = old.get(String(entry.number));
    const text = JSON.stringify(entry);
    if (known && (drawn.get(entry.number) === text || isBusy(known))) return known; // nothing is drawn over what is written
    drawn.set(entry.number, text);
    return dutyRow(entry, { departments, changed: read });
  });
  for (const body of old.values()) if (!bodies.includes(body)) body.remove();
  // What stays is not moved: a moved element loses its focus.
  let place = table.querySelector("tbody");
  for (const body of bodies) {
    if (body === place) place = /** @type {HTMLTableSectionElement | null} */ (body.nextElementSibling);
    else table.insertBefore(body, place);
  }
  at("nothing").hidden = shown.length > 0;
}

function tick() {
  for (const entry of shown) {
    const body = table.querySelector(`tbody[data-number="${entry.number}"]`);
    if (body && entry.owed) tickRow(/** @type {HTMLElement} */ (body), entry.owed);
  }
}
