// @ts-check
// The audit: who changed what, looked for by person, room, time and word. What is asked stands in the address.

import { ask } from "./ask.js";
import { changeItem } from "./changes.js";
import { at, el } from "./dom.js";
import { nameOf } from "./people.js";
import { words } from "./words.js";

const own = words.audit;
const form = /** @type {HTMLFormElement} */ (at("asked"));
const FIELDS = ["by", "room", "since", "until", "word"];
let cursor = "";
let asked = 0;

/** @param {string} name @returns {any} */
function field(name) {
  return form.elements.namedItem(name);
}

/** @param {boolean} more whether older ones are added to what is shown */
async function read(more) {
  const mine = ++asked;
  const query = new URLSearchParams(FIELDS.filter((name) => field(name).value).map((name) => [name, field(name).value]));
  if (!more) history.replaceState(null, "", query.size ? `?${query}` : location.pathname);
  if (more) query.set("cursor", cursor);
  at("refused").hidden = true;
  try {
    const found = await ask(`/api/v1/audit?${query}`);
    if (mine !== asked) return;
    const items = found.changes.map(changeItem);
    if (more) at("changes").append(...items);
    else {
      at("changes").replaceChildren(...items);
      offer("by", found.people, choice);
      offer("room", found.rooms, (room) => own.rooms[room] ?? room);
    }
    at("none").hidden = at("changes").childElementCount > 0;
    cursor = found.next_cursor ?? "";
    at("older").hidden = !cursor;
    at("audit").dataset.state = "shown";
  } catch {
    at("refused").textContent = own.refused;
    at("refused").hidden = false;
    at("audit").dataset.state = "refused";
  }
}

/** What may be chosen, with what is chosen. @param {string} name @param {string[]} values @param {(value: string) => string} called */
function offer(name, values, called) {
  const box = field(name);
  const chosen = box.value;
  box.replaceChildren(box.options[0], ...values.map((value) => el("option", { value, selected: value === chosen }, called(value))));
}

/** @param {string} account @returns {string} two people may have the same name */
function choice(account) {
  return nameOf(account) === account ? account : `${nameOf(account)} ${account}`;
}

for (const [name, value] of new URLSearchParams(location.search)) {
  if (!FIELDS.includes(name)) continue;
  const box = field(name);
  if (box instanceof HTMLSelectElement) box.append(el("option", { value, selected: true }, name === "by" ? choice(value) : value));
  else box.value = value;
}
form.addEventListener("submit", (event) => {
  event.preventDefault();
  read(false);
});
at("older").addEventListener("click", () => read(true));
read(false);
