// @ts-check
// The form in which a person writes down what is owed.

import { ask } from "./ask.js";
import { el } from "./dom.js";
import { now } from "./times.js";
import { words } from "./words.js";

/** @param {() => void} close @returns {HTMLElement} */
export function byHandForm(close) {
  const field = (/** @type {string} */ name, /** @type {HTMLElement} */ input) => el("label", { class: name }, words.follow_up_field[name], input);
  const text = (/** @type {string} */ name, more = {}) => field(name, el("input", { name, maxlength: 40, ...more }));
  const said = el("p", { class: "refused", role: "alert", hidden: true }, words.follow_up_refused);
  const choices = Object.entries(words.follow_up_within).map(([minutes, name]) => el("option", { value: minutes, selected: minutes === "120" }, String(name)));
  return el(
    "form",
    {
      class: "entry-form by-hand",
      onsubmit: async (/** @type {SubmitEvent} */ event) => {
        event.preventDefault();
        const { within, ...given } = Object.fromEntries(new FormData(/** @type {HTMLFormElement} */ (event.target)));
        try {
          await ask("/api/v1/follow-ups", { ...given, due: new Date(now() + Number(within) * 60_000).toISOString() });
          close();
        } catch {
          said.hidden = false;
        }
      },
    },
    field("text", el("textarea", { name: "text", required: true, maxlength: 1000, rows: 2 })),
    text("home"),
    text("who"),
    text("number", { type: "tel" }),
    field("within", el("select", { name: "within" }, ...choices)),
    field("owed_by", el("select", { name: "owed_by" }, ...Object.entries(words.follow_up_owed_by).map(([role, name]) => el("option", { value: role }, String(name))))),
    said,
    el(
      "div",
      { class: "buttons" },
      el("button", { class: "primary" }, words.follow_up_save),
      el("button", { type: "button", class: "quiet", onclick: close }, words.cancel),
    ),
  );
}
