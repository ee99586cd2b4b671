// @ts-check
// Complaints are read every day, the log every week: pick one, read it, say an opinion, sign.

import { ask } from "./ask.js";
import { at, el } from "./dom.js";
import { clock, dayAndClock } from "./times.js";
import { say, words } from "./words.js";

read();
readCompliance();

async function readCompliance() {
  const told = await ask("/api/v1/reports/follow-ups");
  at("compliance").replaceChildren(
    ...told.kinds.map((/** @type {any} */ one) =>
      el("tr", {}, el("td", {}, words.follow_up_kind[one.kind]), ...["in_time", "late", "overdue"].map((name) => el("td", {}, String(one[name]))), el("td", {}, one.share === null ? words.no_data : `${Math.round(one.share * 100)} %`)),
    ),
  );
  at("formula").textContent = `${told.first} – ${told.last} · ${words.formula.compliance} · ${say("compliance_asked", told)}`;
}

async function read() {
  const page = await ask("/api/v1/reviews");
  at("unread").replaceChildren(...(page.unread.length ? page.unread.map(waiting) : [el("li", { class: "empty" }, words.reading_none)]));
  at("signed").replaceChildren(...(page.signed.length ? page.signed.map(done) : [el("li", { class: "empty" }, words.reading_none_signed)]));
  document.querySelector(`button[data-key="${location.hash.slice(1)}"]`)?.setAttribute("aria-current", "true");
}

/** @param {any} one */
function waiting(one) {
  return el(
    "li",
    {},
    el("button", { class: "pick", "data-key": `${one.kind}-${one.day}`, onclick: () => open(one) }, title(one), one.is_late && el("span", { class: "tag alarm" }, words.reading_late)),
  );
}

/** @param {any} one */
function done(one) {
  return el("li", { class: "signed" }, el("b", {}, title(one)), ` ${say("reading_entries", { n: one.entries })}`, el("p", {}, one.opinion), el("p", { class: "soft" }, `${one.signed_name} · ${dayAndClock(one.signed_at)}`));
}

/** @param {any} one */
function title(one) {
  return say(one.kind === "week" ? "reading_week" : "reading_complaints", { day: one.day });
}

/** @param {any} one */
async function open(one) {
  location.hash = `${one.kind}-${one.day}`;
  for (const pick of document.querySelectorAll(".pick")) pick.removeAttribute("aria-current");
  document.querySelector(`button[data-key="${one.kind}-${one.day}"]`)?.setAttribute("aria-current", "true");
  /** @type {any[]} */
  const entries = [];
  let after = "0";
  while (after) {
    const page = await ask(`/api/v1/reviews/entries?kind=${one.kind}&day=${one.day}&after=${after}`);
    entries.push(...page.entries);
    after = page.next_cursor ?? "";
  }
  const said = el("p", { class: "refused", role: "alert", hidden: true });
  at("to-read").replaceChildren(
    el("h2", {}, title(one), ` · ${say("reading_entries", { n: entries.length })}`),
    el("ol", { class: "to-read" }, ...entries.map(entry)),
    said,
    el(
      "form",
      {
        onsubmit: async (/** @type {SubmitEvent} */ event) => {
          event.preventDefault();
          const opinion = String(new FormData(/** @type {HTMLFormElement} */ (event.target)).get("opinion"));
          try {
            await ask("/api/v1/reviews", { kind: one.kind, day: one.day, opinion });
            at("to-read").replaceChildren(el("p", { class: "empty" }, words.reading_thanks));
          } catch (wrong) {
            const id = /** @type {Error} */ (wrong).message;
            said.hidden = false;
            said.textContent = words.errors[id] ?? words.errors.other;
          }
          await read();
        },
      },
      el("label", { class: "remarks" }, words.reading_opinion, el("textarea", { name: "opinion", rows: 3, maxlength: 2000, required: true })),
      el("div", { class: "buttons" }, el("button", { class: "primary" }, words.reading_sign)),
    ),
  );
}

/** @param {any} one */
function entry(one) {
  return el(
    "li",
    {},
    el("div", {}, el("b", {}, one.page || `№${one.number}`), ` ${dayAndClock(one.written_at) || clock(one.written_at)} `, el("span", { class: "kind", "data-is": one.kind }, words.kind[one.kind]), " ", one.is_urgent && el("span", { class: "tag alarm" }, words.urgent), ` ${[one.home, one.who].filter(Boolean).join(" ")}`),
    el("p", {}, one.matter),
    one.promised && el("p", { class: "soft" }, `${words.columns.promised}${words.colon}${one.promised}`),
  );
}
