// @ts-check
// The page of what is owed: soonest deadline first, read again whenever the live socket says that something changed.

import { ask } from "./ask.js";
import { at } from "./dom.js";
import { drawRow, isBusy, tickRow } from "./follow_up_row.js";
import { byHandForm } from "./follow_up_form.js";
import { listen } from "./live.js";
import { say, words } from "./words.js";

const VIEWS = ["open", "mine", "supervisor", "done"];
const PAGE = 50;
const { me, role } = at("follow-ups").dataset;

/** @type {any[]} */
let shown = [];
let cursor = "";
/** @type {Map<number, string>} each row's follow-up as it was drawn */
const drawn = new Map();
let isReading = false;
let isOld = false;
let seen = ""; // when something of the list last changed, as far as this page knows

listen((message) => {
  if (!message.owed) return;
  const changed = message.owed.changed_at ?? "";
  const hasNews = message.type === "snapshot" || changed !== seen;
  seen = changed;
  if (hasNews) read();
  else shown.forEach((one) => tick(one));
});
setInterval(() => shown.forEach(tick), 10_000);
addEventListener("hashchange", () => {
  for (const body of table().querySelectorAll("tbody")) body.remove();
  shown = [];
  read();
});
at("more").addEventListener("click", () => read(true));
at("new").addEventListener("click", () => {
  const box = at("by-hand");
  if (box.firstChild) box.replaceChildren();
  else box.replaceChildren(byHandForm(() => box.replaceChildren()));
  box.querySelector("textarea")?.focus();
});

function view() {
  const named = location.hash.slice(1);
  return VIEWS.includes(named) ? named : "open";
}

function table() {
  return /** @type {HTMLTableElement} */ (document.querySelector("table.owed"));
}

function address() {
  const asked = {
    open: "state=open",
    mine: `state=open&owner=${encodeURIComponent(String(me))}`,
    supervisor: "state=open&owed_by=supervisor",
    done: "state=closed",
  }[view()];
  return `/api/v1/follow-ups?${asked}`;
}

/** Read what is shown, or with it the next page. */
async function read(more = false) {
  isOld = true;
  if (isReading) return;
  isReading = true;
  try {
    while (isOld) {
      isOld = false;
      const from = view();
      const limit = Math.min(200, Math.max(PAGE, Math.ceil(shown.length / PAGE) * PAGE));
      const page = await ask(more && cursor ? `${address()}&limit=${PAGE}&cursor=${cursor}` : `${address()}&limit=${limit}`);
      if (from !== view()) {
        isOld = true;
        continue;
      }
      shown = more && cursor ? [...shown, ...page.follow_ups] : page.follow_ups;
      cursor = page.next_cursor ?? "";
      more = false;
      draw();
    }
  } catch {
    // The freshness mark tells; the next message reads again.
  } finally {
    isReading = false;
  }
}

function draw() {
  const old = new Map([...table().querySelectorAll("tbody")].map((body) => [body.dataset.id, body]));
  const bodies = shown.map((one) => {
    const known = old.get(String(one.id));
    const text = JSON.stringify(one);
    if (known && (drawn.get(one.id) === text || isBusy(known))) return known; // nothing is drawn over what is written
    drawn.set(one.id, text);
    const body = drawRow(one, { role: String(role), me: String(me), changed: read, refused });
    if (!known && old.size) body.classList.add("fresh");
    return body;
  });
  for (const body of old.values()) if (!bodies.includes(body)) body.remove();
  // What stays is not moved: a moved element loses its focus.
  let place = table().querySelector("tbody");
  for (const body of bodies) {
    if (body === place) place = /** @type {HTMLTableSectionElement | null} */ (body.nextElementSibling);
    else table().insertBefore(body, place);
  }
  for (const link of at("views").querySelectorAll("a")) {
    if (link.dataset.view === view()) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  at("nothing").hidden = shown.length > 0;
  at("more").hidden = !cursor;
  const late = shown.filter((one) => one.is_overdue).length;
  const told = say("owed_count", { open: shown.length, overdue: late });
  if (view() === "open" && at("announce").textContent !== told) at("announce").textContent = told;
}

/** @param {any} one */
function tick(one) {
  const body = table().querySelector(`tbody[data-id="${one.id}"]`);
  if (body) tickRow(/** @type {HTMLElement} */ (body), one);
}

/** @param {string} id the error's stable id, or "" once all is well @param {string} [said] why, where that is known better */
function refused(id, said) {
  at("refused").hidden = !id;
  at("refused").textContent = id ? said ?? words.errors[id] ?? words.errors.other : "";
}
