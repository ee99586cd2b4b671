// @ts-check
// A call's entries of the duty log, and the form in which a person confirms a draft or writes a correction.

import { ask } from "./ask.js";
import { el } from "./dom.js";
import { kindMark, stateMark } from "./entries.js";
import { dayAndClock } from "./times.js";
import { say, words } from "./words.js";

/**
 * @param {HTMLElement} box
 * @param {any} call
 */
export function drawEntries(box, call) {
  if (box.querySelector("form")) return; // somebody is writing: nothing is drawn over it
  box.replaceChildren(
    ...(call.duty_log.length
      ? call.duty_log.map((/** @type {any} */ entry) => entryCard(box, call, entry))
      : [el("p", { class: "empty" }, words.no_entry_yet)]),
  );
}

/** @param {HTMLElement} box @param {any} call @param {any} entry */
function entryCard(box, call, entry) {
  const isDraft = entry.state === "draft";
  const fact = (/** @type {string} */ name, /** @type {any} */ value) => [el("dt", {}, words.columns[name]), el("dd", {}, value || words.none)];
  const open = () => {
    const form = entryForm(call, entry, () => {
      form.remove();
      drawEntries(box, call);
    });
    box.replaceChildren(form);
    form.querySelector("textarea")?.focus();
  };
  return el(
    "div",
    { class: `entry${entry.is_urgent ? " urgent" : ""}` },
    el(
      "div",
      { class: "entry-head" },
      el("b", { class: "number" }, `№${entry.number}`),
      kindMark(entry.kind),
      entry.is_urgent && el("span", { class: "tag alarm" }, words.urgent),
      stateMark(entry.state),
      call.satisfaction && el("span", { class: "tag", "data-is": call.satisfaction <= 2 ? "unsatisfied" : "satisfied" }, say("satisfied", { n: call.satisfaction })),
      entry.corrects && el("small", { class: "soft" }, say("corrects", { n: entry.corrects })),
      entry.corrected_by && el("b", { class: "tag" }, say("corrected_by", { n: entry.corrected_by })),
      el("small", { class: "soft" }, `${dayAndClock(entry.written_at)} · ${words.columns.written_by} ${entry.written_by}`),
      el("button", { type: "button", onclick: open }, isDraft ? words.entry_edit : words.entry_correct),
    ),
    el(
      "dl",
      { class: "facts wide" },
      fact("home", entry.home),
      fact("who", entry.who),
      fact("matter", entry.matter),
      fact("promised", entry.promised),
      fact("agent", entry.agent),
    ),
  );
}

/** @param {any} call @param {any} entry @param {() => void} close */
function entryForm(call, entry, close) {
  const isDraft = entry.state === "draft";
  const field = (/** @type {string} */ name, /** @type {HTMLElement} */ input) => el("label", { class: name }, words.columns[name], input);
  const text = (/** @type {string} */ name, /** @type {number} */ most) => field(name, el("input", { name, maxlength: most, value: entry[name] }));
  const long = (/** @type {string} */ name, /** @type {number} */ most, /** @type {boolean} */ required) =>
    field(name, el("textarea", { name, maxlength: most, required, rows: 3 }, entry[name]));
  const said = el("p", { class: "refused", role: "alert", hidden: true }, words.entry_refused);
  return el(
    "form",
    {
      class: "entry-form",
      onsubmit: async (/** @type {SubmitEvent} */ event) => {
        event.preventDefault();
        const given = new FormData(/** @type {HTMLFormElement} */ (event.target));
        const body = { ...Object.fromEntries(given), is_urgent: given.has("is_urgent"), agent: entry.agent };
        try {
          if (isDraft) await ask("/api/v1/duty-log", { ...body, call_id: call.id });
          else await ask(`/api/v1/duty-log/${entry.number}/corrections`, body);
          close();
        } catch {
          said.hidden = false;
        }
      },
    },
    field(
      "kind",
      el(
        "select",
        { name: "kind" },
        Object.entries(words.kind).map(([kind, name]) => el("option", { value: kind, selected: kind === entry.kind }, String(name))),
      ),
    ),
    text("home", 40),
    text("who", 40),
    el("label", { class: "check" }, el("input", { type: "checkbox", name: "is_urgent", checked: entry.is_urgent }), words.urgent),
    long("matter", 4000, true),
    long("promised", 2000, false),
    said,
    el(
      "div",
      { class: "buttons" },
      el("button", { class: "primary" }, words.entry_save),
      el("button", { type: "button", class: "quiet", onclick: close }, words.cancel),
    ),
  );
}
