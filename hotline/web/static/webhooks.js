// @ts-check
// The page of messages to other programs: how each receiver stands, what was sent, and sending again.

import { ask } from "./ask.js";
import { at, el } from "./dom.js";
import { dayAndClock } from "./times.js";
import { fill, words } from "./words.js";

const own = words.webhooks;
const page = at("webhooks");
const form = /** @type {HTMLFormElement} */ (at("asked"));
let cursor = "";

/** @param {string} name @returns {any} */
function field(name) {
  return form.elements.namedItem(name);
}

/** @param {string[]} names */
function head(names) {
  return el("thead", {}, el("tr", {}, names.map((name) => el("th", { scope: "col" }, name))));
}

/** @param {any} one */
function receiver(one) {
  return el(
    "tr",
    {},
    el("th", { scope: "row" }, one.name),
    el("td", { class: "wide" }, one.events.map((/** @type {string} */ kind) => own.event_names[kind]).join("、")),
    el("td", { class: "number" }, one.waiting),
    el("td", { class: "number" }, one.sent),
    el("td", { class: "number" }, one.given_up),
    el("td", {}, one.last_sent ? dayAndClock(one.last_sent) : "—"),
    el("td", {}, one.last_reason || "—"),
    el("td", {}, one.given_up > 0 && el("button", { type: "button", onclick: () => again(`/api/v1/webhooks/${one.name}/again`) }, own.again_all)),
  );
}

/** @param {any} one */
function message(one) {
  return el(
    "tr",
    {},
    el("td", {}, dayAndClock(one.happened_at)),
    el("td", {}, one.receiver),
    el("td", {}, own.event_names[one.event]),
    el("td", {}, one.subject),
    el("td", {}, el("span", { class: "tag", "data-is": one.state }, own.states[one.state])),
    el("td", { class: "number" }, one.tries),
    el("td", {}, one.reason || "—"),
    el("td", {}, one.state !== "waiting" && el("button", { type: "button", onclick: () => again(`/api/v1/webhooks/messages/${one.id}/again`) }, own.again)),
  );
}

async function showReceivers() {
  const { receivers } = await ask("/api/v1/webhooks");
  at("receivers").replaceChildren(...(receivers.length ? [head([own.name, own.events, own.waiting, own.sent, own.given_up, own.last_sent, own.last_reason, ""]), el("tbody", {}, receivers.map(receiver))] : []));
  at("nobody").hidden = receivers.length > 0;
  const box = field("receiver");
  const chosen = box.value;
  box.replaceChildren(box.options[0], ...receivers.map((/** @type {any} */ one) => el("option", { value: one.name, selected: one.name === chosen }, one.name)));
}

/** @param {boolean} more */
async function showMessages(more) {
  const query = new URLSearchParams(["receiver", "state"].filter((name) => field(name).value).map((name) => [name, field(name).value]));
  if (more) query.set("cursor", cursor);
  const found = await ask(`/api/v1/webhooks/messages?${query}`);
  const rows = found.messages.map(message);
  const body = at("messages").querySelector("tbody");
  if (more && body) body.append(...rows);
  else at("messages").replaceChildren(...(rows.length ? [head([own.happened, own.receiver, own.event, own.subject, own.state, own.tries, own.reason, ""]), el("tbody", {}, rows)] : []));
  at("none").hidden = at("messages").childElementCount > 0;
  cursor = found.next_cursor === null ? "" : String(found.next_cursor);
  at("older").hidden = !cursor;
}

/** @param {() => Promise<void>} work */
async function tryTo(work) {
  at("refused").hidden = true;
  try {
    await work();
    page.dataset.state = "shown";
  } catch {
    at("refused").textContent = own.failed;
    at("refused").hidden = false;
    page.dataset.state = "refused";
  }
}

async function showAll() {
  await showReceivers();
  await showMessages(false);
}

/** @param {string} address */
async function again(address) {
  await tryTo(async () => {
    const { messages = 1 } = await ask(address, {});
    at("told").textContent = fill(own.done, { n: messages });
    at("told").hidden = false;
    await showAll();
  });
}

form.addEventListener("change", () => tryTo(() => showMessages(false)));
at("older").addEventListener("click", () => tryTo(() => showMessages(true)));
tryTo(showAll);
