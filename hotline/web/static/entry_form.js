// @ts-check
// A call's entries of the duty log, and the form in which a person confirms a draft, corrects, or writes by hand.

import { ask } from "./ask.js";
import { el } from "./dom.js";
import { restsOn } from "./drafted.js";
import { correctionMarks, entryNumber, kindMark, stateMark } from "./entries.js";
import { dayAndClock } from "./times.js";
import { say, words } from "./words.js";

/**
 * @param {HTMLElement} box
 * @param {any} call
 * @param {(seconds: number) => void} playFrom a second of the recording
 */
export function drawEntries(box, call, playFrom) {
  if (box.querySelector("form")) return; // somebody is writing: nothing is drawn over it
  box.replaceChildren(
    ...(call.duty_log.length
      ? call.duty_log.map((/** @type {any} */ entry) => entryCard(box, call, entry, playFrom))
      : [el("p", { class: "empty" }, words.no_entry_yet)]),
  );
}

/** @param {HTMLElement} box @param {any} call @param {any} entry @param {(seconds: number) => void} playFrom */
function entryCard(box, call, entry, playFrom) {
  const isDraft = entry.state === "draft";
  const fact = (/** @type {string} */ name, /** @type {any} */ value) => [el("dt", {}, words.columns[name]), el("dd", {}, value || words.none)];
  const open = () => {
    const form = entryForm(entry, () => {
      form.remove();
      drawEntries(box, call, playFrom);
    }, playFrom);
    box.replaceChildren(form);
    form.querySelector("textarea")?.focus();
  };
  return el(
    "div",
    { class: `entry${entry.is_urgent ? " urgent" : ""}` },
    el(
      "div",
      { class: "entry-head" },
      el("b", { class: "number" }, entryNumber(entry)),
      entry.page && el("small", { class: "soft" }, `№${entry.number}`),
      kindMark(entry.kind),
      entry.is_urgent && el("span", { class: "tag alarm" }, words.urgent),
      stateMark(entry.state),
      entry.owed && el("span", { class: "tag", "data-is": entry.owed.is_overdue ? "late" : entry.owed.state }, words.matter_state[entry.owed.state]),
      call.satisfaction && el("span", { class: "tag", "data-is": call.satisfaction <= 2 ? "unsatisfied" : "satisfied" }, say("satisfied", { n: call.satisfaction })),
      ...correctionMarks(entry),
      el("small", { class: "soft" }, `${dayAndClock(entry.written_at)} · ${words.columns.written_by} ${entry.written_by}`),
      entry.state !== "void" && !entry.corrected_by && el("button", { type: "button", onclick: open }, isDraft ? words.entry_edit : words.entry_correct),
    ),
    el(
      "dl",
      { class: "facts wide" },
      fact("home", entry.home),
      fact("who", entry.who),
      fact("matter", entry.matter),
      fact("promised", entry.promised),
      entry.result && fact("result", entry.result),
      fact("agent", entry.agent),
    ),
  );
}

/**
 * The form of a draft to confirm, of an entry to correct, or, without one, of something that did not come by telephone.
 * @param {any} entry
 * @param {() => void} close
 * @param {(seconds: number) => void} [playFrom] a second of the recording, where a player is there
 */
export function entryForm(entry, close, playFrom) {
  const isNew = !entry || entry.state === "draft";
  const known = entry ?? { kind: "repair", home: "", who: "", matter: "", promised: "", result: "", is_urgent: false };
  const isCall = known.source === "call";
  const field = (/** @type {string} */ name, /** @type {HTMLElement} */ input, label = words.columns[name]) => rested(name, input, el("label", { class: name }, label, input));
  const rested = (/** @type {string} */ name, /** @type {HTMLElement} */ input, /** @type {HTMLElement} */ label) => {
    const rests = restsOn(entry, name, input, playFrom);
    return rests ? el("div", { class: name }, label, rests) : label;
  };
  const text = (/** @type {string} */ name, /** @type {number} */ most) => field(name, el("input", { name, maxlength: most, value: known[name] }), name === "who" && !isCall ? words.entry_visitor : undefined);
  const long = (/** @type {string} */ name, /** @type {number} */ most, more = {}) =>
    field(name, el("textarea", { name, maxlength: most, rows: 2, ...more }, known[name]));
  const choice = (/** @type {string} */ name, /** @type {[string, any][]} */ options) =>
    field(name, el("select", { name }, options.map(([value, shown]) => el("option", { value, selected: value === known[name] }, String(shown)))));
  const urgent = el("input", { type: "checkbox", name: "is_urgent", checked: known.is_urgent });
  const said = el("p", { class: "refused", role: "alert", hidden: true });
  return el(
    "form",
    {
      class: "entry-form",
      onsubmit: async (/** @type {SubmitEvent} */ event) => {
        event.preventDefault();
        const given = new FormData(/** @type {HTMLFormElement} */ (event.target));
        const body = { ...Object.fromEntries(given), is_urgent: given.has("is_urgent"), ...(entry && { agent: entry.agent }) };
        try {
          if (isNew) await ask("/api/v1/duty-log", { ...body, ...(entry && { call_id: entry.call_id }) });
          else await ask(`/api/v1/duty-log/${entry.number}/corrections`, body);
          close();
        } catch (wrong) {
          said.textContent = words.errors[/** @type {Error} */ (wrong).message] ?? words.entry_refused;
          said.hidden = false;
        }
      },
    },
    !entry && choice("source", Object.entries(words.entry_source).filter(([source]) => source !== "call")),
    choice("kind", Object.entries(words.kind)),
    text("home", 40),
    text("who", 40),
    rested("is_urgent", urgent, el("label", { class: "check" }, urgent, words.urgent)),
    long("matter", 4000, { required: true, rows: 3 }),
    long("promised", 2000),
    long("result", 2000, { placeholder: words.entry_result_hint }),
    said,
    el(
      "div",
      { class: "buttons" },
      el("button", { class: "primary" }, words.entry_save),
      el("button", { type: "button", class: "quiet", onclick: close }, words.cancel),
    ),
  );
}
