// @ts-check
// The score sheet and the sampling rules, to be changed: what is put in force is a new version.

import { ask } from "./ask.js";
import { el } from "./dom.js";
import { fill, words } from "./words.js";

const own = words.quality;

/**
 * @param {import("./quality.js").Desk} desk
 * @returns {Promise<Node[]>}
 */
export async function showRules(desk) {
  const rules = await ask("/api/v1/quality/rules");
  return [...sheetForm(desk, rules.sheet), ...planForm(desk, rules.plan)];
}

/** @param {import("./quality.js").Desk} desk @param {any} sheet @returns {Node[]} */
function sheetForm(desk, sheet) {
  const sum = el("b", { class: "number", id: "sum", role: "status" });
  const save = /** @type {HTMLButtonElement} */ (el("button", { class: "primary" }, own.save_sheet));
  const body = el("tbody", {}, sheet.items.map(row));
  const form = el(
    "form",
    { id: "sheet-form", oninput: count, onsubmit: (/** @type {Event} */ event) => {
      event.preventDefault();
      put(desk, "sheet", { based_on: sheet.version, items: items() });
    } },
    frame([own.item, own.weight, own.hint, ""], body),
    el("div", { class: "review-acts" }, el("button", { type: "button", onclick: add }, own.add_item), sum, save),
  );
  count();
  const version = sheet.version ? fill(own.version, { n: sheet.version }) : own.trade_version;
  return [el("h2", {}, `${own.sheet} · ${version}`), el("p", { class: "soft" }, own.sheet_note), form];

  /** @param {any} item */
  function row(item) {
    return el(
      "tr",
      { "data-key": item.key },
      el("td", {}, el("input", { name: "name", value: item.name, required: true, maxlength: 40, "aria-label": own.item })),
      el("td", {}, el("input", { name: "weight", type: "number", min: 1, max: 100, value: item.weight, required: true, "aria-label": own.weight })),
      el("td", {}, el("input", { name: "hint", value: item.hint, maxlength: 200, "aria-label": own.hint })),
      el("td", {}, removing(count)),
    );
  }

  function add() {
    const known = new Set([...body.children].map((one) => /** @type {HTMLElement} */ (one).dataset.key));
    let number = body.children.length + 1;
    while (known.has(`item-${number}`)) number += 1;
    body.append(row({ key: `item-${number}`, name: "", weight: 1, hint: "" }));
    count();
  }

  function items() {
    return [...body.children].map((one) => ({
      key: /** @type {HTMLElement} */ (one).dataset.key,
      name: value(one, "name"),
      weight: Number(value(one, "weight")),
      hint: value(one, "hint"),
    }));
  }

  function count() {
    const found = items().reduce((total, item) => total + item.weight, 0);
    sum.textContent = fill(own.sum, { n: found });
    save.disabled = found !== 100;
  }
}

/** @param {import("./quality.js").Desk} desk @param {any} plan @returns {Node[]} */
function planForm(desk, plan) {
  const body = el("tbody", {}, plan.shares.map(row));
  const long = /** @type {HTMLInputElement} */ (el("input", { type: "number", min: 1, max: 240, value: plan.long_over_minutes, required: true }));
  const form = el(
    "form",
    { id: "plan-form", onsubmit: (/** @type {Event} */ event) => {
      event.preventDefault();
      const shares = [...body.children].map((one) => ({ by: value(one, "by"), value: value(one, "value"), percent: Number(value(one, "percent")) }));
      put(desk, "plan", { based_on: plan.version, shares, long_over_minutes: Number(long.value) });
    } },
    frame([own.rule, own.value, own.percent, ""], body),
    el("div", { class: "review-acts" }, el("button", { type: "button", onclick: () => body.append(row({ by: "kind", value: "repair", percent: 5 })) }, own.add_share), el("label", {}, `${own.long_over} `, long), el("button", { class: "primary" }, own.save_plan)),
  );
  return [el("h2", {}, own.plan), el("p", { class: "soft" }, own.plan_note), form];

  /** @param {any} share */
  function row(share) {
    return el(
      "tr",
      {},
      el("td", {}, el("select", { name: "by", "aria-label": own.rule }, Object.entries(own.by).map(([by, name]) => el("option", { value: by, selected: by === share.by }, String(name))))),
      el("td", {}, el("input", { name: "value", value: share.value, maxlength: 40, "aria-label": own.value })),
      el("td", {}, el("input", { name: "percent", type: "number", min: 0, max: 100, value: share.percent, required: true, "aria-label": own.percent })),
      el("td", {}, removing(() => undefined)),
    );
  }
}

/** @param {() => void} after */
function removing(after) {
  return el("button", { type: "button", onclick: (/** @type {Event} */ event) => {
    /** @type {HTMLElement} */ (event.currentTarget).closest("tr")?.remove();
    after();
  } }, own.remove);
}

/** @param {string[]} heads @param {HTMLElement} body */
function frame(heads, body) {
  return el("div", { class: "scroll" }, el("table", {}, el("thead", {}, el("tr", {}, heads.map((name) => (name ? el("th", { scope: "col" }, name) : el("td", {}))))), body));
}

/** @param {Element} row @param {string} name */
function value(row, name) {
  return /** @type {HTMLInputElement | HTMLSelectElement} */ (row.querySelector(`[name=${name}]`)).value.trim();
}

/** @param {import("./quality.js").Desk} desk @param {string} what @param {any} body */
async function put(desk, what, body) {
  try {
    await ask(`/api/v1/quality/${what}`, body);
    desk.refused(null);
    desk.again();
  } catch (wrong) {
    desk.refused(wrong);
  }
}
