// @ts-check
// Two people score the same call blind; when both have, what they gave stands side by side.

import { ask } from "./ask.js";
import { el } from "./dom.js";
import { dayAndClock } from "./times.js";
import { fill, words } from "./words.js";

const own = words.quality;

/**
 * @param {import("./quality.js").Desk} desk
 * @param {string} week
 * @returns {Promise<Node[]>}
 */
export async function showCalibrations(desk, week) {
  const [found, sample] = await Promise.all([ask("/api/v1/quality/calibrations"), ask(`/api/v1/quality/sample?week=${week}`)]);
  const spread = found.mean_apart === null ? own.spread_none : fill(own.spread, { mean: found.mean_apart, largest: found.largest_apart, n: found.calls });
  return [
    el("p", { class: "soft" }, own.calibration_note),
    el("p", { title: found.formula, id: "spread" }, el("b", {}, spread)),
    asking(desk, found.people, sample.calls),
    ...(found.calibrations.length ? found.calibrations.map((/** @type {any} */ one) => card(desk, one)) : [el("p", { class: "empty" }, own.calibration_none)]),
  ];
}

/** @param {import("./quality.js").Desk} desk @param {any[]} people @param {any[]} calls */
function asking(desk, people, calls) {
  const call = el("select", { name: "call", required: true }, calls.map((one, place) => el("option", { value: place }, `${dayAndClock(one.rang_at)} ${one.agent_name || one.agent} ${words.kind[one.kind] ?? ""}`)));
  const who = own.calibration_people.map((/** @type {string} */ label, /** @type {number} */ place) =>
    el("label", {}, label, el("select", { name: `person${place}`, required: true }, people.map((one, index) => el("option", { value: one.name, selected: index === place }, one.shown)))),
  );
  const form = /** @type {HTMLFormElement} */ (
    el(
      "form",
      { class: "filter", "aria-label": own.calibration_new, onsubmit: send },
      el("label", {}, own.calibration_call, call),
      who,
      el("button", { class: "primary", disabled: !calls.length }, own.calibration_ask),
    )
  );
  return form;

  /** @param {Event} event */
  async function send(event) {
    event.preventDefault();
    const values = new FormData(form);
    const chosen = calls[Number(values.get("call"))];
    try {
      await ask("/api/v1/quality/calibrations", { call_id: chosen.call_id, agent: chosen.agent, first: values.get("person0"), second: values.get("person1") });
      desk.refused(null);
      desk.again();
    } catch (wrong) {
      desk.refused(wrong);
    }
  }
}

/** @param {import("./quality.js").Desk} desk @param {any} one */
function card(desk, one) {
  const waits = one.names.filter((/** @type {string} */ _, /** @type {number} */ place) => !one.given[place]);
  return el(
    "section",
    { class: "told", "data-calibration": one.id },
    el("b", {}, `${dayAndClock(one.called_at)} · ${one.agent_name || one.agent} · ${one.names.join(" / ")}`),
    waits.length > 0 && el("p", { class: "soft" }, fill(own.calibration_waits, { name: waits.join(words.and) })),
    one.is_mine_to_score && el("button", { type: "button", onclick: () => (one.mine ? desk.open(one.mine) : desk.begin({ call_id: one.call_id, agent: one.agent, calibration: one.id })) }, own.calibration_score),
    one.scores && table(one),
  );
}

/** @param {any} one */
function table(one) {
  const shown = (/** @type {number | null} */ points) => points ?? own.left_out;
  return el(
    "table",
    {},
    el("thead", {}, el("tr", {}, [own.calibration_item, ...one.names, own.calibration_apart].map((name) => el("th", { scope: "col" }, name)))),
    el(
      "tbody",
      {},
      one.differences.map((/** @type {any} */ each) => el("tr", {}, el("td", {}, each.name), el("td", { class: "number" }, shown(each.first)), el("td", { class: "number" }, shown(each.second)), el("td", { class: "number" }, each.apart ?? own.none))),
      el("tr", {}, el("td", {}, el("b", {}, own.score)), el("td", { class: "number" }, one.scores[0]), el("td", { class: "number" }, one.scores[1]), el("td", { class: "number" }, Math.abs(one.scores[0] - one.scores[1]).toFixed(1))),
    ),
  );
}
