// @ts-check
// The parts of a pop that only tell: what we owe, notes, open matters, earlier calls, people and their numbers.

import { ask } from "./ask.js";
import { el } from "./dom.js";
import { dayAndClock } from "./times.js";
import { fill, words } from "./words.js";

/** @param {string} name @param {...any} children */
function part(name, ...children) {
  return el("section", { class: "pop-part", "data-part": name }, el("h3", {}, words.pop[name]), ...children);
}

/** What we owe this caller; nothing where nothing is owed. @param {any} pop */
export function drawOwed(pop) {
  if (!pop.owed.length) return null;
  const said = words.pop;
  return part(
    "owed",
    el(
      "ul",
      {},
      pop.owed.map((/** @type {any} */ one) =>
        el(
          "li",
          { "data-late": one.is_overdue },
          el("b", {}, fill(said.owed_of, { kind: words.follow_up_kind[one.kind], at: dayAndClock(one.since) })),
          " ",
          when(one.due, one.due_by, one.is_overdue),
          one.taken_by && el("span", { class: "soft" }, " ", fill(said.taken, { who: one.taken_by })),
          one.text && el("p", { class: "small pop-text", title: one.text }, one.text),
        ),
      ),
    ),
  );
}

/**
 * Notes of the home, each with who wrote it; one that holds no longer is taken back.
 * @param {any} pop @param {(pop: any) => void} again
 */
export function drawNotes(pop, again) {
  if (!pop.notes.length) return null;
  const said = words.pop;
  return part(
    "notes",
    el(
      "ul",
      {},
      pop.notes.map((/** @type {any} */ note) =>
        el(
          "li",
          {},
          el("span", {}, note.text),
          el("small", { class: "soft" }, " ", fill(said.note_by, { who: note.by_name, at: dayAndClock(note.at) })),
          el("button", { type: "button", class: "quiet small", "data-key": `note-${note.id}`, onclick: () => takeBack(pop, note.id, again) }, said.note_back),
        ),
      ),
    ),
  );
}

/** @param {any} pop @param {number} id @param {(pop: any) => void} again */
async function takeBack(pop, id, again) {
  const { notes } = await ask(`/api/v1/homes/${pop.home.id}/notes/${id}/take-back`, { call_id: pop.call_id });
  again({ ...pop, notes });
}

/** What is not finished for this home. @param {any} pop */
export function drawMatters(pop) {
  if (!pop.home && !pop.matters.length) return null;
  const said = words.pop;
  return part(
    "matters",
    !pop.matters.length && el("p", { class: "soft small" }, said.no_matters),
    el(
      "ul",
      {},
      pop.matters.map((/** @type {any} */ one) =>
        el(
          "li",
          { "data-late": one.is_overdue },
          el("span", { class: "tag" }, words.kind[one.kind] ?? one.kind),
          " ",
          when(one.promised, one.due_by, one.is_overdue),
          el("span", { class: "pop-text", title: one.text }, one.text),
        ),
      ),
    ),
    pop.more_matters > 0 && el("p", { class: "soft small" }, fill(said.more, { n: pop.more_matters })),
  );
}

/** The calls before this one, newest first; a new window, so that this page keeps its call. @param {any} pop */
export function drawCalls(pop) {
  const said = words.pop;
  return part(
    "calls",
    !pop.calls.length && el("p", { class: "soft small" }, said.no_calls),
    el(
      "ul",
      {},
      pop.calls.map((/** @type {any} */ one) =>
        el(
          "li",
          {},
          el("a", { href: `/calls/${encodeURIComponent(one.id)}`, target: "_blank", rel: "noopener", "data-key": `call-${one.id}` }, dayAndClock(one.at)),
          " ",
          one.direction === "outbound" && el("span", { class: "tag" }, said.outbound),
          el("b", {}, words.kind[one.kind] ?? ""),
          one.outcome && one.outcome !== "answered" && el("span", { class: "tag", "data-is": one.outcome }, words.outcome[one.outcome]),
          one.is_emergency && el("span", { class: "tag alarm" }, said.emergency),
          el("p", { class: "small" }, one.words || el("span", { class: "soft" }, said.no_words)),
        ),
      ),
    ),
  );
}

/** Who lives there and how they are reached; closed until it is wanted, and with it what is not paid. @param {any} pop */
export function drawPeople(pop) {
  if (!pop.people.length && !pop.home?.arrears) return null;
  const said = words.pop;
  return el(
    "details",
    { class: "pop-part", "data-part": "people", "data-key": "people" },
    el("summary", { "data-key": "people-key" }, said.people, ` (${pop.people.length})`),
    el(
      "ul",
      {},
      pop.people.map((/** @type {any} */ one) =>
        el(
          "li",
          {},
          el("b", {}, one.name),
          " ",
          said.relation[one.relation],
          one.is_elderly_alone && el("span", { class: "tag alarm" }, said.elderly),
          one.numbers.length
            ? el("ul", { class: "pop-numbers" }, one.numbers.map((/** @type {any} */ number) => numberOf(one, number)))
            : el("span", { class: "soft small" }, " ", said.no_numbers),
        ),
      ),
    ),
    pop.home?.arrears && el("p", { class: "soft small" }, said.arrears, " ", fill(said.arrears_of, pop.home.arrears)),
  );
}

/** A masked number, and the key that shows it whole once a reason is given. @param {any} person @param {any} number */
function numberOf(person, number) {
  const said = words.pop;
  const shown = el("span", { class: "number" }, number.number);
  const show = async (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.currentTarget);
    const reason = new FormData(form).get("reason");
    const { numbers } = await ask(`/api/v1/residents/${person.id}/reveal`, { number: number.number, reason });
    shown.textContent = numbers.join(" / ");
    form.remove();
  };
  return el(
    "li",
    {},
    shown,
    number.is_calling && el("span", { class: "tag" }, said.this_number),
    number.marks.map((/** @type {string} */ mark) => el("span", { class: "tag", "data-is": "late" }, said.mark[mark])),
    el(
      "form",
      { class: "reveal", onsubmit: show },
      el("select", { name: "reason", "aria-label": words.reveal_why }, words.reveal_reasons.map((/** @type {string} */ reason) => el("option", {}, reason))),
      el("button", {}, words.reveal),
    ),
  );
}

/** By when, and what that rests on. @param {string | null} at @param {string | null} by @param {boolean} isOverdue */
function when(at, by, isOverdue) {
  return [
    at && el("span", { class: isOverdue ? "late" : "soft" }, fill(words.due_by[by ?? "rule"], { time: dayAndClock(at) })),
    isOverdue && el("b", { class: "late" }, " ", words.pop.overdue),
  ];
}
