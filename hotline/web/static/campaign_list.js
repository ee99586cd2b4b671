// @ts-check
// Filling a campaign's list: a file, looked at before it is taken in, or whom the records name.

import { ask, turnToDoor } from "./ask.js";
import { el } from "./dom.js";
import { fill, language, words } from "./words.js";

const own = words.campaigns;

/**
 * @param {any} one the campaign
 * @param {import("./campaign_one.js").Hooks} hooks
 * @returns {HTMLElement}
 */
export function listForms(one, hooks) {
  const told = el("div", { "aria-live": "polite" });
  return el("div", {}, fileForm(one, hooks, told), recordsForm(one, hooks, told), told);
}

/** @param {any} one @param {import("./campaign_one.js").Hooks} hooks @param {HTMLElement} told */
function fileForm(one, hooks, told) {
  const file = /** @type {HTMLInputElement} */ (el("input", { type: "file", accept: ".csv,.xlsx", name: "file" }));
  const send = (/** @type {boolean} */ isDry) => async () => {
    const chosen = file.files?.[0];
    if (!chosen) return;
    const asked = new URLSearchParams({ dry_run: String(isDry), name: chosen.name.slice(0, 80) });
    const answer = await fetch(`/api/v1/campaigns/${one.id}/targets?${asked}`, {
      method: "POST",
      headers: { "Content-Type": "application/octet-stream" },
      body: chosen,
    });
    if (answer.status === 401) turnToDoor();
    const taken = await answer.json();
    if (!answer.ok) {
      hooks.refused(taken.error.id);
      return;
    }
    hooks.refused("");
    tell(told, taken);
    if (!isDry) hooks.changed();
  };
  return el(
    "form",
    { class: "campaign-form", onsubmit: (/** @type {Event} */ event) => event.preventDefault() },
    el("label", {}, own.file, file),
    el("button", { type: "button", "data-do": "check", onclick: send(true) }, own.check),
    el("button", { type: "button", "data-do": "take-in", class: "primary", onclick: send(false) }, own.take_in),
  );
}

/** @param {any} one @param {import("./campaign_one.js").Hooks} hooks @param {HTMLElement} told */
function recordsForm(one, hooks, told) {
  const yuan = /** @type {HTMLInputElement} */ (el("input", { type: "number", min: 0.01, step: 0.01, value: 1, name: "yuan" }));
  const buildings = /** @type {HTMLInputElement} */ (el("input", { name: "buildings", inputmode: "numeric" }));
  const isFee = one.kind === "fee-reminder";
  const isPlace = isFee || one.kind === "notice";
  return el(
    "form",
    {
      class: "campaign-form",
      onsubmit: async (/** @type {Event} */ event) => {
        event.preventDefault();
        const named = buildings.value.split(/\D+/).filter(Boolean).map(Number);
        const asked = { from_fen: isFee ? Math.max(1, Math.round(Number(yuan.value) * 100)) : 1, buildings: isPlace ? named : [] };
        try {
          tell(told, await ask(`/api/v1/campaigns/${one.id}/targets`, asked));
          hooks.refused("");
          hooks.changed();
        } catch (wrong) {
          hooks.refused(/** @type {Error} */ (wrong).message);
        }
      },
    },
    isFee && el("label", {}, own.owing_from, yuan),
    isPlace && el("label", {}, own.buildings, buildings),
    el("button", {}, own.from_records),
  );
}

/** @param {HTMLElement} told @param {any} taken */
function tell(told, taken) {
  const counts = { added: taken.added, known: taken.known, problems: taken.problems.length };
  told.replaceChildren(
    el("p", {}, (taken.dry_run ? own.dry : "") + fill(own.taken, counts)),
    el(
      "ul",
      { class: "bad-rows" },
      taken.problems.map((/** @type {any} */ problem) =>
        el("li", {}, `${fill(own.line, { n: problem.line })}: ${problem[language === "en" ? "english" : "chinese"]}`),
      ),
    ),
  );
}
