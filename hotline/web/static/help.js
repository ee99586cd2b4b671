// @ts-check
// A supervisor's pages: which agent asks for help in their talk. Silent; it stays until somebody comes or the talk is over.

import { ask } from "./ask.js";
import { tick } from "./card.js";
import { at, el } from "./dom.js";
import { listen } from "./live.js";
import { between, span } from "./times.js";
import { fill, words } from "./words.js";

const box = at("help");
listen((message) => message.board && draw(message.board.help ?? []));
setInterval(() => tick(box), 500);

/** @param {any[]} wishes */
function draw(wishes) {
  const shown = JSON.stringify(wishes);
  if (box.dataset.shown === shown) return;
  box.dataset.shown = shown;
  box.replaceChildren(...wishes.map(row));
}

/** @param {any} wish */
function row(wish) {
  const take = async () => {
    await ask(`/api/v1/help/${wish.id}/take`, {}).catch(() => undefined); // over meanwhile: the board says so
  };
  return el(
    "div",
    { class: "help-wish", role: "status", "data-is": wish.taken_by ? "taken" : "open" },
    el("strong", {}, fill(words.help_wish.asks, { name: wish.name || wish.extension })),
    el("b", { class: "number", "data-since": wish.since, "data-form": "span" }, span(between(wish.since))),
    el("a", { class: "button", href: `/calls/${encodeURIComponent(wish.call_id)}` }, words.open_call),
    wish.taken_by ? el("span", {}, fill(words.help_wish.taken, { name: wish.taken_by })) : el("button", { type: "button", onclick: take }, words.help_wish.take),
  );
}
