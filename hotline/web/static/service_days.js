// @ts-check
// From when to when a paid service goes on: shown at its follow-up, and the form that asks for it.

import { el } from "./dom.js";
import { fill, words } from "./words.js";

const own = words.call_back_rules.service;

/** @param {any} service */
export function serviceLine(service) {
  const parts = [fill(own.days, service), service.middle && fill(own.middle, { day: service.middle }), fill(own.end, { day: service.end })];
  return el("p", { class: "soft small service" }, parts.filter(Boolean).join(" · "));
}

/**
 * @param {any} service what is known, or null
 * @param {(days: {first: string, last: string}) => void} sent
 * @param {() => void} close
 */
export function serviceForm(service, sent, close) {
  const day = (/** @type {string} */ name) => el("label", {}, own[name], el("input", { type: "date", name, required: true, value: service?.[name] ?? "" }));
  return el(
    "form",
    {
      class: "step-form service-days",
      onsubmit: (/** @type {SubmitEvent} */ event) => {
        event.preventDefault();
        const { first, last } = Object.fromEntries(new FormData(/** @type {HTMLFormElement} */ (event.target)));
        sent({ first: String(first), last: String(last) });
      },
    },
    el("p", { class: "soft small" }, own.hint),
    el("div", { class: "filter" }, day("first"), day("last")),
    el("div", { class: "buttons" }, el("button", { class: "primary" }, own.save), el("button", { type: "button", class: "quiet", onclick: close }, words.cancel)),
  );
}
