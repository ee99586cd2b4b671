// @ts-check
// The questions of a call after a handled matter, as the trade asks them.

import { el } from "./dom.js";
import { words } from "./words.js";

const MARKS = [5, 4, 3, 2, 1];

/**
 * @param {(answers: any) => void} sent
 * @param {() => void} close
 */
export function answersForm(sent, close) {
  const ask = words.aftercare;
  const choice = (/** @type {string} */ name, /** @type {[string, string][]} */ options) =>
    el(
      "fieldset",
      { class: "choice" },
      el("legend", {}, ask[name]),
      ...options.map(([value, said]) => el("label", {}, el("input", { type: "radio", name, value, required: true }), said)),
    );
  const marks = MARKS.map((mark) => /** @type {[string, string]} */ ([String(mark), String(mark)]));
  return el(
    "form",
    {
      class: "step-form aftercare",
      onsubmit: (/** @type {SubmitEvent} */ event) => {
        event.preventDefault();
        const given = Object.fromEntries(new FormData(/** @type {HTMLFormElement} */ (event.target)));
        sent({
          is_satisfied: given.is_satisfied === "yes",
          attitude: Number(given.attitude),
          quality: Number(given.quality),
          was_charged_wrongly: given.was_charged_wrongly === "yes",
          shortcomings: given.shortcomings,
          suggestions: given.suggestions,
        });
      },
    },
    el(
      "div",
      { class: "choices" },
      choice("attitude", marks),
      choice("quality", marks),
      choice("was_charged_wrongly", [["no", ask.no], ["yes", ask.yes]]),
      choice("is_satisfied", [["yes", ask.satisfied], ["no", ask.not_satisfied]]),
    ),
    el("label", {}, ask.shortcomings, el("input", { name: "shortcomings", maxlength: 300 })),
    el("label", {}, ask.suggestions, el("input", { name: "suggestions", maxlength: 300 })),
    el("div", { class: "buttons" }, el("button", { class: "primary" }, ask.save), el("button", { type: "button", class: "quiet", onclick: close }, words.cancel)),
  );
}
