// @ts-check
// A supervisor changes the phrases of one kind: one a line, and what must be asked in it.

import { ask } from "./ask.js";
import { el } from "./dom.js";
import { words } from "./words.js";

/**
 * @param {HTMLElement} box
 * @param {any} book as it was read; its version tells whether somebody else wrote meanwhile
 * @param {string} kind
 * @param {(changed: any) => void} close with the new book, or null
 */
export function editPhrases(box, book, kind, close) {
  const one = book.sets[kind];
  const refused = el("p", { class: "refused", role: "alert", hidden: true });
  const phrases = /** @type {HTMLTextAreaElement} */ (el("textarea", { name: "phrases", rows: 9, required: true, "aria-describedby": "phrases-hint" }, one.phrases.join("\n")));
  const form = el(
    "form",
    { class: "guide-edit", onsubmit: save, onkeydown: (/** @type {KeyboardEvent} */ event) => event.key === "Escape" && (event.stopPropagation(), close(null)) },
    el("h2", {}, `${words.agent_page.edit_phrases} · ${one.label}`),
    el("label", {}, words.agent_page.phrases_label, phrases),
    el("small", { class: "soft", id: "phrases-hint" }, words.agent_page.phrases_hint),
    el(
      "fieldset",
      { class: "which" },
      el("legend", {}, words.agent_page.must_ask),
      Object.entries(book.checks).map(([name, check]) => el("label", {}, el("input", { type: "checkbox", name: "checks", value: name, checked: one.checks.includes(name) }), check.label)),
    ),
    refused,
    el("div", { class: "buttons" }, el("button", { class: "primary" }, words.agent_page.save), el("button", { type: "button", class: "quiet", onclick: () => close(null) }, words.cancel)),
  );
  box.replaceChildren(form);
  phrases.focus();

  /** @param {SubmitEvent} event */
  async function save(event) {
    event.preventDefault();
    const chosen = new Set(new FormData(/** @type {HTMLFormElement} */ (event.target)).getAll("checks"));
    const kept = one.checks.filter((/** @type {string} */ name) => chosen.has(name)); // in the order they were asked in
    const checks = [...kept, ...Object.keys(book.checks).filter((name) => chosen.has(name) && !kept.includes(name))];
    const lines = phrases.value.split("\n").map((line) => line.trim()).filter(Boolean);
    try {
      close(await ask("/api/v1/phrases", { version: book.version, checks: book.checks, sets: { ...book.sets, [kind]: { ...one, phrases: lines, checks } } }, "PUT"));
    } catch (wrong) {
      const told = /** @type {Error & {details?: any}} */ (wrong);
      const why = told.details?.faults?.join("；") ?? "";
      refused.textContent = `${words.agent_page.refused[told.message] ?? words.entry_refused} ${why}`;
      refused.hidden = false;
    }
  }
}
