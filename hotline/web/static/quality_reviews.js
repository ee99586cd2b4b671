// @ts-check
// Reviews in a list: of a supervisor with the scores by agent and a file to take away, of an agent their own.

import { ask } from "./ask.js";
import { el } from "./dom.js";
import { dayAndClock } from "./times.js";
import { fill, words } from "./words.js";

const own = words.quality;
const days = { from: "", to: "" };

/**
 * @param {import("./quality.js").Desk} desk
 * @param {{ isHead: boolean }} who
 * @returns {Promise<Node[]>}
 */
export async function showReviews(desk, { isHead }) {
  const asked = new URLSearchParams(Object.entries(days).filter(([, day]) => day));
  const found = await ask(`/api/v1/quality/reviews?${asked}`);
  const list = found.reviews.length ? table(desk, found.reviews, isHead) : el("p", { class: "empty" }, isHead ? own.reviews_none : own.own_none);
  const more = found.next_cursor && el("button", { type: "button", onclick: older }, words.older);
  if (!isHead) return [el("p", { id: "unseen" }, found.unseen ? fill(own.unseen, { n: found.unseen }) : ""), list, ...(more ? [more] : [])];
  const agents = await ask(`/api/v1/quality/agents?${asked}`);
  return [filter(desk, agents), means(agents.agents), el("h2", {}, own.tabs.reviews), list, ...(more ? [more] : [])];

  async function older() {
    try {
      asked.set("cursor", found.next_cursor);
      const next = await ask(`/api/v1/quality/reviews?${asked}`);
      found.next_cursor = next.next_cursor;
      list.querySelector("tbody")?.append(...next.reviews.map((/** @type {any} */ one) => row(desk, one, isHead)));
      if (!next.next_cursor) more.remove();
    } catch (wrong) {
      desk.refused(wrong);
    }
  }
}

/** @param {import("./quality.js").Desk} desk @param {any} range */
function filter(desk, range) {
  const day = (/** @type {string} */ name, /** @type {string} */ value) => el("input", { type: "date", name, value, required: true });
  const reason = /** @type {HTMLInputElement} */ (el("input", { name: "reason", minlength: 2, maxlength: 200 }));
  const form = /** @type {HTMLFormElement} */ (
    el(
      "form",
      { class: "filter", onsubmit: (/** @type {Event} */ event) => {
        event.preventDefault();
        read();
        desk.again();
      } },
      el("label", {}, own.from, day("from", range.first)),
      el("label", {}, own.to, day("to", range.last)),
      el("button", { class: "primary" }, own.show),
      el("label", {}, own.export_reason, reason),
      el("button", { type: "button", onclick: () => take("xlsx") }, `${own.export} XLSX`),
      el("button", { type: "button", onclick: () => take("csv") }, `${own.export} CSV`),
    )
  );
  return form;

  function read() {
    const values = new FormData(form);
    days.from = String(values.get("from"));
    days.to = String(values.get("to"));
  }

  /** @param {string} format */
  function take(format) {
    reason.required = true;
    if (form.reportValidity()) {
      read();
      location.assign(`/api/v1/quality/export?${new URLSearchParams({ ...days, format, reason: reason.value })}`);
    }
    reason.required = false;
  }
}

/** @param {any[]} agents */
function means(agents) {
  const names = own.agent_columns;
  if (!agents.length) return el("p", { class: "empty" }, own.no_data);
  return el(
    "div",
    { class: "scroll" },
    el("h2", {}, own.agents),
    el(
      "table",
      { id: "means" },
      el("thead", {}, el("tr", {}, [names.agent, names.reviews, names.mean].map((name) => el("th", { scope: "col" }, name)))),
      el("tbody", {}, agents.map((one) => el("tr", {}, el("td", {}, one.agent_name ? `${one.agent_name} ${one.agent}` : one.agent), el("td", { class: "number" }, one.reviews), el("td", { class: "number" }, one.mean ?? own.no_data)))),
    ),
  );
}

/** @param {import("./quality.js").Desk} desk @param {any[]} reviews @param {boolean} isHead */
function table(desk, reviews, isHead) {
  const names = own.columns;
  const heads = [names.time, ...(isHead ? [names.agent] : []), names.reviewer, names.state, names.score, names.open];
  return el(
    "div",
    { class: "scroll" },
    el("table", {}, el("thead", {}, el("tr", {}, heads.map((name) => el("th", { scope: "col" }, name)))), el("tbody", {}, reviews.map((one) => row(desk, one, isHead)))),
  );
}

/** @param {import("./quality.js").Desk} desk @param {any} one @param {boolean} isHead */
function row(desk, one, isHead) {
  const isReadable = one.is_mine || one.score !== null;
  return el(
    "tr",
    { "data-reviews": one.id },
    el("td", { class: "time" }, dayAndClock(one.called_at)),
    isHead && el("td", {}, one.agent_name ? `${one.agent_name} ${one.agent}` : one.agent),
    el("td", { title: one.reviewer }, one.reviewer_name),
    el("td", {}, el("span", { class: "tag", "data-is": one.state }, own.state[one.state])),
    el("td", { class: "number" }, one.score ?? own.none),
    el("td", {}, isReadable && el("button", { type: "button", onclick: () => desk.open(one.id) }, own.open)),
  );
}
