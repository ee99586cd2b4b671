// @ts-check
// One entry of the duty log as rows of its page: what is owed, who was given it, and what a person may do with it.

import { ask } from "./ask.js";
import { el } from "./dom.js";
import { deadlineOf } from "./due.js";
import { correctionMarks, entryNumber, kindMark, stateMark } from "./entries.js";
import { entryForm } from "./entry_form.js";
import { tickRow } from "./follow_up_row.js";
import { dayAndClock } from "./times.js";
import { say, words } from "./words.js";

/** @typedef {{departments: string[], changed: () => void}} Desk */

/** @param {any} entry @param {Desk} desk @returns {HTMLElement} */
export function dutyRow(entry, desk) {
  const cell = (/** @type {string} */ kind, /** @type {any[]} */ ...children) => el("td", { class: kind || null }, ...children);
  const number = entryNumber(entry);
  const small = (/** @type {any[]} */ ...said) => el("small", { class: "soft" }, ...said);
  const body = el(
    "tbody",
    { "data-number": entry.number, class: entry.corrected_by || entry.state === "void" ? "past" : null },
    el(
      "tr",
      { class: entry.is_urgent ? "urgent" : null },
      cell("number", entry.call_id ? el("a", { href: `/calls/${encodeURIComponent(entry.call_id)}` }, number) : number, entry.page && small(`№${entry.number}`)),
      cell("time", dayAndClock(entry.happened_at ?? entry.written_at), small(words.entry_source[entry.source]), entry.happened_at && entry.page && small(say("written_down", { time: dayAndClock(entry.written_at) }))),
      cell("", kindMark(entry.kind), entry.is_urgent && el("span", { class: "tag alarm" }, words.urgent), el("div", {}, stateMark(entry.state))),
      cell("whom", el("b", {}, entry.home || words.none), small(entry.who || words.unknown_person)),
      cell("what", el("div", {}, ...correctionMarks(entry), entry.matter || words.none), line("promised", entry.promised), line("result", entry.result || entry.owed?.result)),
      cell("", entry.agent || words.none, small(entry.written_by)),
      cell("doing", el("div", { class: "doing-head" }, owedMark(entry), acts(entry, desk)), ...entry.dispatches.map((/** @type {any} */ one) => dispatchLine(one, desk))),
    ),
  );
  if (entry.owed) tickRow(body, entry.owed);
  return body;
}

/** @param {string} name @param {string} [said] */
function line(name, said) {
  return said && el("p", {}, el("span", { class: "soft" }, words.columns[name], words.colon), said);
}

/** @param {any} entry */
function owedMark({ owed }) {
  if (!owed) return null;
  if (owed.state !== "open") return el("div", {}, el("span", { class: "tag", "data-is": "confirmed" }, words.matter_state[owed.state]), el("small", { class: "soft" }, ` ${owed.closed_by} ${dayAndClock(owed.closed_at)}`));
  return el("div", {}, el("b", { class: "due-mark" }), deadlineOf(owed));
}

/** @param {any} one @param {Desk} desk */
function dispatchLine(one, desk) {
  const at = { sent: one.sent_at, accepted: one.accepted_at }[/** @type {string} */ (one.state)] ?? one.ended_at;
  const by = { sent: one.sent_by, accepted: one.accepted_who || one.accepted_by }[/** @type {string} */ (one.state)] ?? (one.ended_who || one.ended_by);
  const until = { sent: one.accept_by, accepted: one.complete_by }[/** @type {string} */ (one.state)];
  const act = (/** @type {string} */ step, kind = "plain") =>
    el("button", { type: "button", class: kind, onclick: (/** @type {Event} */ event) => openForm(event, desk, stepForm(one, step)) }, words.dispatch_do[step]);
  return el(
    "div",
    { class: "dispatch", "data-is": one.state, title: one.note || null },
    el("b", {}, one.department),
    el("span", { class: "tag", "data-is": one.state }, words.dispatch_state[one.state]),
    one.is_late && el("span", { class: "tag alarm" }, words.dispatch_late),
    el("small", { class: "soft" }, `${by} ${dayAndClock(at)}`, until && ` · ${say("dispatch_until", { time: dayAndClock(until) })}`),
    one.result && el("small", {}, one.result),
    (one.state === "sent" || one.state === "accepted") &&
      el("span", { class: "steps-of" }, act(one.state === "sent" ? "accept" : "complete"), act("refuse", "plain soft"), act("withdraw", "plain soft")),
  );
}

/** @param {any} entry @param {Desk} desk */
function acts(entry, desk) {
  const form = (/** @type {(close: () => void) => HTMLElement} */ make) => (/** @type {Event} */ event) => openForm(event, desk, make);
  const act = (/** @type {string} */ name, /** @type {string} */ kind, /** @type {(event: Event) => void} */ onclick) => el("button", { type: "button", class: kind, onclick }, name);
  if (entry.state === "draft") return el("div", { class: "acts" }, act(words.entry_edit, "", form((close) => entryForm(entry, close))));
  if (entry.state === "void" || entry.corrected_by) return null;
  return el(
    "div",
    { class: "acts" },
    entry.owed?.state === "open" && act(words.matter_settle, "primary", form(settleForm(entry))),
    desk.departments.length > 0 && entry.owed?.state === "open" && act(words.dispatch_do.send, "", form(sendForm(entry, desk))),
    act(words.entry_correct, "quiet", form((close) => entryForm(entry, close))),
  );
}

/** @param {any} entry */
function settleForm(entry) {
  return asked(`/api/v1/duty-log/${entry.number}/settle`, words.matter_settle, [long("result", words.columns.result, true), ...endsWith(entry)], words.matter_quick);
}

/** What departments have not done ends with the matter: whoever settles it is told before. @param {any} entry */
function endsWith(entry) {
  const open = entry.dispatches.filter((/** @type {any} */ one) => one.state === "sent" || one.state === "accepted");
  const said = open.map((/** @type {any} */ one) => say("dispatch_ends_as", { department: one.department, how: words.dispatch_ends[one.state] }));
  return said.length > 0 ? [el("p", { class: "soft ends-with" }, words.dispatch_ends.head, said.join("、"))] : [];
}

/** @param {any} entry @param {Desk} desk */
function sendForm(entry, desk) {
  const department = el("select", { name: "department", "aria-label": words.dispatch_field.department }, ...desk.departments.map((name) => el("option", { value: name }, name)));
  return asked(`/api/v1/duty-log/${entry.number}/dispatches`, words.dispatch_do.send, [department, long("note", words.dispatch_field.note, false)]);
}

/** @param {any} one @param {string} step */
function stepForm(one, step) {
  const who = el("input", { name: "who", maxlength: 40, placeholder: words.dispatch_field.who, "aria-label": words.dispatch_field.who, value: one.accepted_who });
  const fields = step === "accept" ? [who] : step === "complete" ? [who, long("text", words.dispatch_field.complete, true)] : [long("text", words.dispatch_field[step], true)];
  return asked(`/api/v1/dispatches/${one.id}/${step}`, words.dispatch_do[step], fields);
}

/** @param {string} name @param {string} label @param {boolean} required */
function long(name, label, required) {
  return el("textarea", { name, required, maxlength: 1000, rows: 2, placeholder: label, "aria-label": label });
}

/** @param {string} address @param {string} save @param {HTMLElement[]} fields @param {string[]} quick */
function asked(address, save, fields, quick = []) {
  return (/** @type {() => void} */ close) => {
    const said = el("p", { class: "refused", role: "alert", hidden: true });
    const area = /** @type {HTMLTextAreaElement | undefined} */ (fields.find((field) => field.tagName === "TEXTAREA"));
    return el(
      "form",
      {
        class: "step-form",
        onsubmit: async (/** @type {SubmitEvent} */ event) => {
          event.preventDefault();
          try {
            await ask(address, Object.fromEntries(new FormData(/** @type {HTMLFormElement} */ (event.target))));
            close();
          } catch (wrong) {
            said.textContent = words.errors[/** @type {Error} */ (wrong).message] ?? words.errors.other;
            said.hidden = false;
          }
        },
      },
      quick.length > 0 && area && el("div", { class: "chips" }, ...quick.map((text) => el("button", { type: "button", class: "chip", onclick: () => (area.value = text) }, text))),
      ...fields,
      said,
      el("div", { class: "buttons" }, el("button", { class: "primary" }, save), el("button", { type: "button", class: "quiet", onclick: close }, words.cancel)),
    );
  };
}

/** Open a form below its entry; another one there is closed. @param {Event} event @param {Desk} desk @param {(close: () => void) => HTMLElement} make */
function openForm(event, desk, make) {
  const body = /** @type {HTMLElement} */ (/** @type {HTMLElement} */ (event.target).closest("tbody"));
  body.querySelector(".below")?.remove();
  const form = make(() => {
    body.querySelector(".below")?.remove();
    desk.changed();
  });
  body.append(el("tr", { class: "below" }, el("td", { colspan: 7 }, form)));
  /** @type {HTMLElement | null} */ (form.querySelector("textarea, input, select"))?.focus();
}
