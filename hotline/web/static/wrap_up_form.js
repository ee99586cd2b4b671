// @ts-check
// The form of a wrap-up as it is drawn: its fields, what is marked in it, and the way through it by keyboard.

import { el } from "./dom.js";
import { restsOn } from "./drafted.js";
import { dayAndClock, now } from "./times.js";
import { chips, fields, moments } from "./wrap_up_fields.js";
import { KINDS } from "./wrap_up_says.js";
import { fill, words } from "./words.js";

const ORIGINAL = ["settled", "goes-on", "new"];
const DISPOSITIONS = ["follow-up", "dispatched", "promised", "settled", "not-reached", "no-matter"];

/** @typedef {HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement} Field */
/** @typedef {import("./wrap_up_says.js").Value} Value */

/**
 * The notes come first: in the talk one writes down what is said, and classes it later.
 * @param {any} told what it is drawn from @param {Value} value
 * @param {{needsLook: (name: string) => boolean, type: (event: Event) => void, submit: (event: Event) => void, put: (name: string, value: string) => void}} desk
 */
export function drawForm(told, value, { needsLook, type, submit, put }) {
  const order = fields(String(value("kind")));
  const first = order.filter(needsLook);
  const form = /** @type {HTMLFormElement} */ (
    el(
      "form",
      { class: "wrap-form", novalidate: true, onsubmit: submit, oninput: type, onchange: type, "aria-label": words.wrap.title },
      told.notes.others.filter((/** @type {any} */ one) => one.text).map((/** @type {any} */ one) => el("p", { class: "others" }, el("b", {}, one.name), " ", el("small", { class: "soft" }, dayAndClock(one.at)), el("span", {}, one.text))),
      labelled("notes", el("textarea", { name: "notes", rows: 2, maxlength: 4000, placeholder: words.wrap.notes_hint }, told.notes.mine.text)),
      kinds(value),
      [...first, ...order.filter((name) => !first.includes(name))].map((name) => field(told, name)),
      told.original && chips("original", ORIGINAL.map((one) => [one, words.wrap.original[one], ""]), String(value("original")), original(told)),
      chips("disposition", DISPOSITIONS.filter((one) => one !== "not-reached" || told.direction === "outbound").map((one) => [one, words.wrap.disposition[one], ""]), String(value("disposition")), words.wrap.came_of_it),
      el(
        "div",
        { class: "pair" },
        labelled("department", el("select", { name: "department" }, el("option", { value: "" }, words.wrap.nobody), told.departments.map((/** @type {string} */ name) => el("option", { value: name }, name)))),
        labelled("dispatch_note", el("input", { name: "dispatch_note", maxlength: 1000, autocomplete: "off" })),
      ),
      el(
        "div",
        { class: "pair" },
        labelled("promise_due", el("input", { type: "datetime-local", name: "promise_due" }), el("span", { class: "soon" }, moments(now()).map(([name, at]) => el("button", { type: "button", class: "chip", tabindex: "-1", onclick: () => put("promise_due", at) }, name)))),
        labelled("promise_to", el("input", { name: "promise_to", maxlength: 40, autocomplete: "off", placeholder: words.wrap.promise_to_hint })),
      ),
      el("p", { class: "refused", role: "alert", hidden: true }),
      el(
        "div",
        { class: "buttons" },
        el("button", { class: "primary", accesskey: "s" }, told.is_done ? words.entry_correct : words.wrap.confirm, el("kbd", {}, "Ctrl+Enter")),
        el("small", { class: "soft kept", "aria-live": "polite" }),
      ),
    )
  );
  form.addEventListener("keydown", (event) => walk(event, form));
  return form;
}

/** Of which kind, and whether at once: in one row. @param {Value} value */
function kinds(value) {
  const box = chips("kind", KINDS.map((kind, place) => [kind, words.kind[kind], String(place + 1)]), String(value("kind")), words.columns.kind);
  box.append(el("label", { class: "check urgent" }, el("input", { type: "checkbox", name: "is_urgent", checked: value("is_urgent") === true }), words.urgent));
  return box;
}

/** The entry is written: go on, or correct it. @param {any} entry @param {{goOn: () => void, correct: () => void}} desk */
export function drawDone(entry, { goOn, correct }) {
  return el(
    "div",
    { class: "wrap-done" },
    el("p", {}, fill(words.wrap.done_by, { page: entry.page, by: entry.written_by })),
    el("p", { class: "soft" }, [entry.home, entry.who, entry.matter].filter(Boolean).join(" · ")),
    el(
      "div",
      { class: "buttons" },
      el("button", { type: "button", class: "primary", onclick: goOn }, words.wrap.go_on),
      el("button", { type: "button", onclick: correct }, words.entry_correct),
    ),
  );
}

/** @param {HTMLFormElement | null} form @returns {Field[]} */
export function inputsOf(form) {
  return form ? /** @type {any} */ ([...form.elements].filter((one) => /** @type {any} */ (one).name)) : [];
}

/** @param {Field} input @param {string | boolean} told */
export function put(input, told) {
  if (input instanceof HTMLInputElement && input.type === "radio") input.checked = input.value === told;
  else if (input instanceof HTMLInputElement && input.type === "checkbox") input.checked = told === true;
  else if (input.value !== told) input.value = String(told);
}

/** Whether letters are typed there. @param {Element} input */
export function isText(input) {
  return input instanceof HTMLTextAreaElement || (input instanceof HTMLInputElement && !["radio", "checkbox"].includes(input.type));
}

/** What each field of the draft rests on now. @param {HTMLFormElement | null} form @param {any} entry @param {string} kind */
export function showRests(form, entry, kind) {
  for (const name of fields(kind)) {
    const place = form?.querySelector(`.field.${name}`);
    const input = /** @type {HTMLElement | null} */ (place?.querySelector("input, textarea") ?? null);
    if (!place || !input) continue;
    place.querySelector(".rests")?.remove();
    const rests = restsOn(entry, name, input, undefined);
    if (rests) place.querySelector(".wanted")?.before(rests);
  }
}

/**
 * Say at each field what is missing, and mark what must be told and what needs a look.
 * @param {HTMLFormElement | null} form @param {Value} value
 * @param {{missing: string[], wanted: string[], needsLook: (name: string) => boolean}} told
 */
export function mark(form, value, { missing, wanted, needsLook }) {
  for (const place of /** @type {NodeListOf<HTMLElement>} */ (form?.querySelectorAll(".field") ?? [])) {
    const name = String(place.dataset.name);
    const isMissing = missing.includes(name) && !value(name);
    const words_ = /** @type {HTMLElement} */ (place.querySelector(".wanted"));
    const input = place.querySelector("input, textarea, select");
    words_.hidden = !isMissing;
    words_.textContent = isMissing ? words.wrap.missing[name] : "";
    input?.setAttribute("aria-invalid", String(isMissing));
    input?.setAttribute("aria-required", String(wanted.includes(name)));
    if (isMissing) input?.setAttribute("aria-describedby", `wanted-${name}`);
    else input?.removeAttribute("aria-describedby");
    place.classList.toggle("required", wanted.includes(name));
    place.toggleAttribute("data-look", needsLook(name) || (wanted.includes(name) && !value(name)));
  }
  const kinds = form?.querySelector(".chips.kind");
  const isOpen = !KINDS.includes(String(value("kind")));
  kinds?.classList.toggle("required", missing.includes("kind") && isOpen);
  kinds?.toggleAttribute("data-look", isOpen);
}

/** @param {any} told @param {string} name */
function field(told, name) {
  const input = name === "matter" || name === "promised" || name === "result"
    ? el("textarea", { name, rows: name === "matter" ? 3 : 1, maxlength: name === "matter" ? 4000 : 2000 })
    : el("input", { name, maxlength: 40, autocomplete: "off" });
  return labelled(name, input, restsOn(told.entry, name, input, undefined));
}

/** @param {string} name @param {HTMLElement} input @param {HTMLElement | null} [below] */
function labelled(name, input, below = null) {
  return el("div", { class: `field ${name}`, "data-name": name }, el("label", {}, el("span", { class: "name" }, words.wrap.field[name]), input), below, el("small", { class: "wanted", id: `wanted-${name}`, hidden: true }));
}

/** What our own call was made for, by its entry or its kind. @param {any} told */
function original(told) {
  const { page, kind, text } = told.original;
  return fill(words.wrap.original_of, { entry: [page || words.follow_up_kind[kind], text].filter(Boolean).join(" ") });
}

/**
 * Enter goes to the next field that needs a look, digits choose the kind. In the notes Enter begins a line, for nobody
 * takes notes in one.
 * @param {KeyboardEvent} event @param {HTMLFormElement} form
 */
function walk(event, form) {
  if (event.isComposing) return;
  const at = /** @type {HTMLInputElement} */ (event.target);
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    form.requestSubmit();
    return;
  }
  const kind = KINDS[Number(/^Digit[1-6]$/.test(event.code) ? event.code.slice(5) : 0) - 1];
  if (kind && (event.altKey || (!isText(at) && !event.ctrlKey))) {
    event.preventDefault();
    /** @type {HTMLElement | null} */ (form.querySelector(`input[name=kind][value=${kind}]`))?.click();
    return;
  }
  if (event.key !== "Enter" || event.shiftKey || at instanceof HTMLButtonElement || at.name === "notes") return;
  event.preventDefault();
  const stops = inputsOf(form).filter((one) => !(one instanceof HTMLInputElement && one.type === "radio" && !one.checked));
  const later = stops.slice(stops.indexOf(at) + 1);
  const next = later.find((one) => one.closest("[data-look]")) ?? later[0];
  if (next) next.focus();
  else /** @type {HTMLElement | null} */ (form.querySelector("button.primary"))?.focus();
}
