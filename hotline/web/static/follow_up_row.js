// @ts-check
// One follow-up as rows of the table: what, whom, until when, and what a person may do with it.

import { answersForm } from "./aftercare.js";
import { ask } from "./ask.js";
import { el } from "./dom.js";
import { deadlineOf } from "./due.js";
import { serviceForm, serviceLine } from "./service_days.js";
import { clock, dayAndClock, now } from "./times.js";
import { say, words } from "./words.js";

const SOON_MS = 10 * 60_000;
const MINUTE_MS = 60_000;

/** @typedef {{role: string, me: string, changed: () => void, refused: (id: string, said?: string) => void}} Desk */

/** @param {HTMLElement} body @returns {boolean} whether somebody writes in it, or reads its history */
export function isBusy(body) {
  return body.querySelector("form, .history") !== null;
}

/** @param {any} one @param {Desk} desk @returns {HTMLElement} */
export function drawRow(one, desk) {
  const cell = (/** @type {string} */ kind, /** @type {any[]} */ ...children) => el("td", { class: kind || null }, ...children);
  const body = el(
    "tbody",
    { "data-id": one.id, "data-kind": one.kind },
    el(
      "tr",
      {},
      cell("due", one.state === "open" ? dueMark(one) : closedMark(one)),
      cell("what", what(one)),
      cell("whom", whom(one, desk)),
      cell("time", dayAndClock(one.since), one.calls > 1 && el("small", { class: "soft" }, say("owed_newest", { time: clock(one.last_at).slice(0, 5) }))),
      cell("", owner(one)),
      cell("doing", doing(one, desk)),
    ),
  );
  tickRow(body, one);
  return body;
}

/** Say anew how long there is left. @param {HTMLElement} body @param {any} one */
export function tickRow(body, one) {
  const mark = /** @type {HTMLElement | null} */ (body.querySelector(".due-mark"));
  if (!mark || one.state !== "open") return;
  const left = one.due ? Date.parse(one.due) - now() : Infinity;
  const mood = left < 0 ? "late" : left < SOON_MS ? "soon" : one.due ? "later" : "waits";
  mark.dataset.is = body.dataset.is = mood;
  mark.textContent = one.due ? (left < 0 ? say("owed_late", { time: long(-left) }) : say("owed_left", { time: long(left) })) : words.owed_waits;
}

/** @param {number} ms */
function long(ms) {
  const minutes = Math.floor(ms / MINUTE_MS);
  const [d, h, m] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60), minutes % 60];
  if (d) return say(h ? "long_days" : "long_days_only", { d, h });
  if (h) return say(m ? "long_hours" : "long_hours_only", { h, m });
  return minutes ? say("long_minutes", { m }) : words.long_moment;
}

/** @param {any} one */
function dueMark(one) {
  return [el("b", { class: "due-mark" }), deadlineOf(one)];
}

/** @param {any} one */
function closedMark(one) {
  return [
    el("span", { class: "tag", "data-is": one.state === "done" ? "confirmed" : null }, words.follow_up_closing[one.closing]),
    el("small", { class: "soft" }, dayAndClock(one.closed_at)),
  ];
}

/** @param {any} one */
function what(one) {
  const call = one.call_id && `/calls/${encodeURIComponent(one.call_id)}`;
  return [
    el(
      "div",
      {},
      el("span", { class: "owed-kind", "data-is": one.kind }, words.follow_up_kind[one.kind]),
      one.calls > 1 && el("span", { class: "tag alarm" }, say("owed_calls", { n: one.calls })),
      one.escalated_at && el("span", { class: "tag alarm" }, words.escalated),
      one.owed_by === "supervisor" && el("span", { class: "tag" }, words.owed_by_supervisor),
      one.request && el("span", { class: "tag" }, words.kind[one.request] ?? words.after[one.request] ?? one.request),
      one.mark && el("span", { class: "tag", "data-is": "draft" }, say("owed_mark", { n: one.mark })),
    ),
    one.text && el("p", {}, one.text),
    one.service && serviceLine(one.service),
    one.result && el("p", {}, el("span", { class: "soft" }, words.follow_up_result, " "), one.result),
    call &&
      el(
        "p",
        { class: "links" },
        one.play_from !== null && el("a", { href: `${call}?t=${one.play_from}` }, "▸ ", words.owed_play),
        el("a", { href: call }, words.open_call, " ›"),
      ),
  ];
}

/** @param {any} one @param {Desk} desk */
function whom(one, desk) {
  const number = el("span", { class: "number" }, one.number || (one.call_id ? words.withheld : ""));
  const person = [one.home && el("b", {}, one.home), one.home && one.who && " ", one.who];
  const reveal = el("button", { type: "button", class: "plain", title: words.reveal_note, onclick: () => tell() }, words.reveal);
  const tell = async () => {
    const told = await attempt(desk, `${one.id}/reveal`, { reason: words.reveal_reasons[0] });
    if (told) {
      number.textContent = told.number;
      reveal.remove();
    }
  };
  return [
    el("div", {}, one.home || one.who ? person : el("span", { class: "soft" }, words.unknown_person)),
    el("div", {}, number, one.number && one.is_masked && [" ", reveal]),
  ];
}

/** @param {any} one */
function owner(one) {
  if (one.state !== "open") return one.closed_by === "hotline" ? el("span", { class: "soft" }, words.by_itself) : one.closed_by_name;
  return one.taken_by_name || el("span", { class: "soft" }, words.owed_nobody);
}

/** @param {any} one @param {Desk} desk */
function doing(one, desk) {
  const isOpen = one.state === "open";
  const isOurs = one.owed_by === "agent" || desk.role !== "agent";
  const hasDays = one.kind === "matter" && one.request === "paid-service" && one.state !== "cancelled";
  const act = (/** @type {string} */ name, /** @type {string} */ kind, /** @type {(event: Event) => void} */ onclick) =>
    el("button", { type: "button", class: kind || null, onclick }, words.follow_up_do[name]);
  const take = async () => (await attempt(desk, `${one.id}/take`, {})) && desk.changed();
  const write = (/** @type {string} */ step, /** @type {string} */ field) => (/** @type {Event} */ event) => openForm(event, one, desk, step, field);
  return el(
    "div",
    { class: "acts" },
    isOpen && isOurs && one.taken_by !== desk.me && act(one.taken_by ? "take_over" : "take", "", take),
    isOpen && isOurs && one.kind === "aftercare" && el("button", { type: "button", class: "primary", onclick: (/** @type {Event} */ event) => openBelow(event, desk, (close) => answersForm(async (answers) => (await attempt(desk, `${one.id}/answers`, answers)) && close(), close)) }, words.aftercare.open),
    hasDays && isOurs && el("button", { type: "button", onclick: (/** @type {Event} */ event) => openBelow(event, desk, (close) => serviceForm(one.service, async (days) => (await attempt(desk, `${one.id}/service-days`, days)) && close(), close)) }, words.call_back_rules.service.open),
    isOpen && isOurs && act("close", one.kind === "aftercare" ? "" : "primary", write("close", "result")),
    isOpen && isOurs && act("cancel", "quiet", write("cancel", "reason")),
    isOpen && !isOurs && el("span", { class: "soft small" }, words.owed_not_yours),
    !isOpen && isOurs && act("reopen", "", write("reopen", "reason")),
    act("history", "quiet", (event) => toggleHistory(event, one, desk)),
  );
}

/** @param {Event} event @param {any} one @param {Desk} desk @param {string} step @param {string} field */
function openForm(event, one, desk, step, field) {
  const body = bodyOf(event);
  body.querySelector(".below")?.remove();
  const close = () => {
    body.querySelector(".below")?.remove();
    desk.changed();
  };
  const text = el("textarea", { name: field, required: true, maxlength: 1000, rows: 2, "aria-label": words.follow_up_ask[step], placeholder: words.follow_up_ask[step] });
  const quick = (words.follow_up_quick[step] ?? []).map((/** @type {string} */ said) =>
    el("button", { type: "button", class: "chip", onclick: () => ((/** @type {HTMLTextAreaElement} */ (text)).value = said) }, said),
  );
  const form = el(
    "form",
    {
      class: "step-form",
      onsubmit: async (/** @type {SubmitEvent} */ sent) => {
        sent.preventDefault();
        const given = Object.fromEntries(new FormData(/** @type {HTMLFormElement} */ (sent.target)));
        if (await attempt(desk, `${one.id}/${step}`, given)) close();
      },
    },
    quick.length > 0 && el("div", { class: "chips" }, ...quick),
    text,
    el(
      "div",
      { class: "buttons" },
      el("button", { class: "primary" }, words.follow_up_do[step]),
      el("button", { type: "button", class: "quiet", onclick: close }, words.cancel),
    ),
  );
  body.append(el("tr", { class: "below" }, el("td", { colspan: 6 }, form)));
  text.focus();
}

/** Open a form below the row. @param {Event} event @param {Desk} desk @param {(close: () => void) => HTMLElement} made */
function openBelow(event, desk, made) {
  const body = bodyOf(event);
  body.querySelector(".below")?.remove();
  const close = () => {
    body.querySelector(".below")?.remove();
    desk.changed();
  };
  const form = made(close);
  body.append(el("tr", { class: "below" }, el("td", { colspan: 6 }, form)));
  form.querySelector("input")?.focus();
}

/** @param {Event} event @param {any} one @param {Desk} desk */
async function toggleHistory(event, one, desk) {
  const body = bodyOf(event);
  const open = body.querySelector(".below");
  open?.remove();
  if (open?.querySelector(".history")) return;
  const whole = await attempt(desk, String(one.id));
  if (!whole) return;
  const link = (/** @type {string} */ id, /** @type {string} */ text) => el("a", { href: `/calls/${encodeURIComponent(id)}` }, text);
  const lines = [
    ...whole.from_calls.slice(1).map((/** @type {any} */ call) => ({ at: call.at, line: [link(call.call_id, words.owed_called_once_more)] })),
    ...whole.steps.map((/** @type {any} */ step) => ({
      at: step.at,
      line: [
        el("b", {}, words.follow_up_step[step.what]),
        step.who !== "hotline" && ` · ${step.who_name}`,
        step.text && el("span", {}, " · ", step.text),
        step.call_id && [" · ", link(step.call_id, words.open_call)],
      ],
    })),
  ].sort((one, other) => Date.parse(one.at) - Date.parse(other.at));
  body.append(
    el(
      "tr",
      { class: "below" },
      el("td", { colspan: 6 }, el("ol", { class: "history" }, ...lines.map(({ at, line }) => el("li", {}, el("time", { class: "number soft" }, dayAndClock(at)), el("span", {}, ...line.flat()))))),
    ),
  );
}

/** @param {Event} event */
function bodyOf(event) {
  return /** @type {HTMLElement} */ (/** @type {HTMLElement} */ (event.currentTarget).closest("tbody"));
}

/** Ask the API; what goes wrong is said on the page. @param {Desk} desk @param {string} path @param {any} [body] */
async function attempt(desk, path, body) {
  try {
    const told = await ask(`/api/v1/follow-ups/${path}`, body);
    desk.refused("");
    return told;
  } catch (wrong) {
    const { message = "other", details } = /** @type {Error & { details?: any }} */ (wrong);
    desk.refused(message, words.call_back_rules.why[details?.why]);
    return null;
  }
}
