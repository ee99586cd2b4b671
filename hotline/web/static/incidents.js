// @ts-check
// Incidents: many calls from one building, on every desk while they are open; a supervisor says here what is so.

import { ask } from "./ask.js";
import { el } from "./dom.js";
import { listen } from "./live.js";
import { dayAndClock } from "./times.js";
import { fill, words } from "./words.js";

const LONGEST_NOTICE = 200;
const phrases = words.incident;

/** @type {Map<number, any>} open incidents by id */
const open = new Map();
/** @type {Set<number>} those whose list of calls is unfolded */
const unfolded = new Set();
const panel = /** @type {HTMLElement} */ (document.getElementById("incidents"));
const mayDecide = panel.dataset.decides === "yes";

listen((message) => {
  if (message.type === "snapshot") {
    const ids = new Set(message.incidents.map((/** @type {any} */ incident) => incident.id));
    for (const id of [...open.keys()]) if (!ids.has(id)) remove(id);
    [...message.incidents].reverse().forEach(change);
  } else if (message.type === "incident") {
    change(message.incident);
  }
});

/** @param {any} incident */
function change(incident) {
  if (incident.state === "over" || incident.state === "dismissed") {
    remove(incident.id);
    return;
  }
  const known = open.get(incident.id);
  open.set(incident.id, incident);
  draw(incident);
  if (known?.state !== incident.state) {
    const announce = document.getElementById("announce");
    if (announce) announce.textContent = fill(phrases.announced[incident.state], incident);
  }
  panel.hidden = false;
}

/** @param {number} id */
function remove(id) {
  open.delete(id);
  unfolded.delete(id);
  cardOf(id)?.remove();
  panel.hidden = !panel.querySelector("article");
}

/** @param {number} id @returns {HTMLElement | null} */
function cardOf(id) {
  return panel.querySelector(`[data-incident="${id}"]`);
}

/** Draw what is known anew; what somebody is writing stays. @param {any} incident */
function draw(incident) {
  let card = cardOf(incident.id);
  if (!card) {
    card = el(
      "article",
      { class: "incident arriving", "data-incident": incident.id },
      el("div", { class: "incident-told" }),
      el("div", { class: "incident-work" }),
      el("div", { class: "incident-calls", hidden: true }),
    );
    panel.append(card);
  }
  card.dataset.is = incident.state;
  const [told, work] = /** @type {HTMLElement[]} */ ([...card.children]);
  const focused = told.contains(document.activeElement);
  told.replaceChildren(...toldOf(incident));
  if (focused) told.querySelector("button")?.focus();
  if (!work.querySelector("form")) drawButtons(incident);
  if (unfolded.has(incident.id)) showCalls(incident.id);
}

/** @param {any} incident @returns {HTMLElement[]} */
function toldOf(incident) {
  const figure = (/** @type {string} */ name, /** @type {number} */ n) => el("div", {}, el("b", { class: "number" }, n), el("small", {}, phrases[name]));
  const more = incident.homes - incident.home_labels.length;
  return [
    el(
      "div",
      { class: "incident-head" },
      el("span", { class: "tag", "data-is": incident.state }, phrases.state[incident.state]),
      el("strong", {}, fill(phrases.building, incident), " ", phrases.named[incident.state]),
      el("div", { class: "incident-size" }, figure("homes", incident.homes), figure("calls", incident.calls), figure("registered", incident.registered)),
      el("span", { class: "soft" }, `${dayAndClock(incident.began_at)} ${phrases.since}`, raisedBy(incident)),
    ),
    el(
      "p",
      { class: "incident-homes", hidden: !incident.calls },
      incident.home_labels.map((/** @type {string} */ home) => el("span", { class: "tag" }, home)),
      more > 0 && el("span", { class: "soft" }, fill(phrases.more_homes, { n: more })),
      unfoldButton(incident),
    ),
    el("p", { class: "incident-notice" }, ...notice(incident)),
  ];
}

/** @param {any} incident */
function raisedBy(incident) {
  return ` · ${incident.raised_by === "rule" ? phrases.by_rule : fill(phrases.by_hand, { who: incident.raised_by })}`;
}

/** What callers of the building hear. @param {any} incident */
function notice({ state, notice }) {
  const plays = notice.plays === "recording" ? fill(phrases.plays.recording, notice) : phrases.plays[notice.plays];
  return [
    el("small", { class: "soft" }, state === "suspected" ? phrases.would_hear : phrases.hears, " "),
    notice.plays === "text" ? el("q", {}, notice.text) : el("span", {}, plays),
    notice.trouble &&
      el("span", { class: "incident-trouble" }, fill(phrases.trouble, { text: notice.text, why: phrases.troubles[notice.trouble] ?? notice.trouble })),
  ];
}

/** @param {any} incident */
function drawButtons(incident) {
  const work = /** @type {HTMLElement} */ (cardOf(incident.id)?.querySelector(".incident-work"));
  const button = (/** @type {string} */ name, /** @type {string} */ kind = "") =>
    el("button", { type: "button", class: kind, onclick: () => openForm(work, incident.id, name) }, phrases.act[name]);
  if (!mayDecide) {
    work.replaceChildren(...(incident.state === "suspected" ? [el("small", { class: "soft" }, phrases.waits_for_supervisor)] : []));
  } else if (incident.state === "suspected") {
    work.replaceChildren(button("confirm", "primary"), button("notice"), button("dismiss", "quiet"));
  } else {
    work.replaceChildren(button("over", "primary"), button("notice"));
  }
}

/** @type {Record<string, { field: string, most: number, required: boolean }>} */
const FORMS = {
  confirm: { field: "notice", most: LONGEST_NOTICE, required: false },
  notice: { field: "text", most: LONGEST_NOTICE, required: false },
  over: { field: "what_was_done", most: 1000, required: true },
  dismiss: { field: "reason", most: 1000, required: true },
};

/** @param {HTMLElement} work @param {number} id @param {string} name of the act */
function openForm(work, id, name) {
  const { field, most, required } = FORMS[name];
  const isNotice = most === LONGEST_NOTICE;
  const incident = open.get(id);
  const refused = el("p", { class: "refused", role: "alert", hidden: true });
  const text = /** @type {HTMLTextAreaElement} */ (
    el("textarea", { name: field, maxlength: most, required, rows: 2, placeholder: phrases.placeholder[name] }, isNotice ? incident.notice.text : "")
  );
  const recording = isNotice && recordingField(incident.notice.recording);
  const left = isNotice && el("small", { class: "soft number" }, `${text.value.length}/${most}`);
  if (left) text.addEventListener("input", () => (left.textContent = `${text.value.length}/${most}`));
  const save = /** @type {HTMLButtonElement} */ (el("button", { class: "primary" }, phrases.save[name]));
  const close = () => {
    work.querySelector("form")?.remove();
    const now = open.get(id);
    if (now) drawButtons(now);
  };
  const form = el(
    "form",
    {
      class: "incident-form",
      onsubmit: async (/** @type {SubmitEvent} */ event) => {
        event.preventDefault();
        save.disabled = true; // a typed notice is made into sound first: seconds
        save.textContent = isNotice && text.value.trim() ? phrases.making_sound : phrases.saving;
        try {
          // An untouched notice is not sent again: a recording, or a sound already made, stays.
          const said = { [field]: isNotice ? oneLine(text) : text.value, ...(recording && { recording: oneLine(recording) }) };
          const old = open.get(id)?.notice;
          const isSame = name === "confirm" && old && oneLine(text) === old.text && said.recording === old.recording;
          const told = await ask(`/api/v1/incidents/${id}/${name}`, isSame ? {} : said);
          form.remove();
          change(told);
        } catch (wrong) {
          const why = /** @type {Error} */ (wrong).message;
          refused.textContent = phrases.refused[why] ?? phrases.refused.other;
          refused.hidden = false;
          save.disabled = false;
          save.textContent = phrases.save[name];
        }
      },
    },
    el("label", {}, el("span", {}, phrases.label[name], " ", left), text),
    isNotice && el("small", { class: "soft" }, phrases.notice_hint),
    recording && el("label", {}, el("span", {}, phrases.recording), recording),
    name === "over" && incident.registered > 0 && el("small", { class: "soft" }, fill(phrases.over_hint, incident)),
    refused,
    el("div", { class: "buttons" }, save, el("button", { type: "button", class: "quiet", onclick: close }, words.cancel)),
  );
  work.replaceChildren(form);
  text.focus();
}

document.getElementById("raise-incident")?.addEventListener("click", () => {
  if (!panel.querySelector("[data-incident=new]")) panel.prepend(raiseForm());
  panel.hidden = false;
  panel.querySelector("input")?.focus();
});

/** A new incident, reported otherwise than by telephone. */
function raiseForm() {
  const building = /** @type {HTMLInputElement} */ (el("input", { type: "number", name: "building", min: 1, max: 999, required: true }));
  const text = /** @type {HTMLTextAreaElement} */ (el("textarea", { maxlength: LONGEST_NOTICE, rows: 2, placeholder: phrases.placeholder.confirm }));
  const refused = el("p", { class: "refused", role: "alert", hidden: true });
  const close = () => {
    card.remove();
    panel.hidden = !open.size;
  };
  const send = async (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    try {
      const told = await ask("/api/v1/incidents", { building: Number(building.value), text: oneLine(text) });
      close();
      change(told);
    } catch (wrong) {
      refused.textContent = phrases.refused[/** @type {Error} */ (wrong).message] ?? phrases.refused.other;
      refused.hidden = false;
    }
  };
  const card = el(
    "article",
    { class: "incident", "data-incident": "new" },
    el("div", { class: "incident-head" }, el("strong", {}, phrases.raise)),
    el(
      "form",
      { class: "incident-form", onsubmit: send },
      el("label", { class: "building" }, phrases.raise_building, building),
      el("label", {}, phrases.label.confirm, text),
      refused,
      el("div", { class: "buttons" }, el("button", { class: "primary" }, phrases.raise_save), el("button", { type: "button", class: "quiet", onclick: close }, words.cancel)),
    ),
  );
  return card;
}

/** @param {string} value */
function recordingField(value) {
  return /** @type {HTMLInputElement} */ (el("input", { name: "recording", maxlength: 80, value, placeholder: "site/water" }));
}

/** What is typed, on one line. @param {HTMLTextAreaElement | HTMLInputElement} field */
function oneLine(field) {
  return field.value.trim().replace(/\s*\n\s*/g, " ");
}

/** @param {any} incident */
function unfoldButton(incident) {
  const isOpen = unfolded.has(incident.id);
  return el(
    "button",
    {
      type: "button",
      class: "quiet small",
      "aria-expanded": String(isOpen),
      onclick: () => {
        if (isOpen) unfolded.delete(incident.id);
        else unfolded.add(incident.id);
        const box = cardOf(incident.id)?.querySelector(".incident-calls");
        if (box) /** @type {HTMLElement} */ (box).hidden = isOpen;
        draw(open.get(incident.id));
      },
    },
    isOpen ? phrases.fold : phrases.unfold,
  );
}

/** @param {number} id */
async function showCalls(id) {
  const box = /** @type {HTMLElement | null} */ (cardOf(id)?.querySelector(".incident-calls"));
  if (!box) return;
  try {
    const whole = await ask(`/api/v1/incidents/${id}`);
    box.replaceChildren(el("div", { class: "scroll" }, el("table", {}, el("tbody", {}, whole.call_list.map(callRow)))));
  } catch {
    box.replaceChildren(el("p", { class: "refused" }, phrases.refused.other));
  }
}

/** @param {any} call */
function callRow(call) {
  return el(
    "tr",
    {},
    el("td", { class: "time" }, el("a", { href: `/calls/${encodeURIComponent(call.id)}` }, dayAndClock(call.at))),
    el("td", {}, call.home || words.none),
    el("td", {}, call.who || words.unknown_person),
    el("td", { class: "number" }, call.number || words.withheld),
    el("td", {}, call.is_registered && el("span", { class: "tag", "data-is": "confirmed" }, phrases.is_registered)),
  );
}
