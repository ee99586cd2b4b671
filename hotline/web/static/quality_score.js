// @ts-check
// The score sheet, filled by keyboard: each item is a slider; a digit takes so many points off, N leaves the item out.

import { el } from "./dom.js";
import { fill, words } from "./words.js";

const own = words.quality;

/** @typedef {{ key: string, name: string, weight: number, hint: string }} Item */
/** @typedef {Record<string, number | null>} Points */

/**
 * @param {Item[]} items
 * @param {Points} given what stands in the review
 * @param {((points: Points) => void) | null} onChange told all points after each change; null: it is only shown
 * @returns {{ box: HTMLElement, points: () => Points }}
 */
export function scoreSheet(items, given, onChange) {
  /** @type {Points} */
  const points = { ...given };
  const rows = items.map((item) => row(item));
  const box = el("div", { class: "items", role: "group", "aria-label": own.sheet, onkeydown: toKey }, rows.map((one) => one.box));
  return { box, points: () => ({ ...points }) };

  /** @param {Item} item */
  function row(item) {
    const slider = /** @type {HTMLInputElement} */ (
      el("input", { type: "range", min: 0, max: item.weight, step: 1, value: points[item.key] ?? item.weight, "aria-label": item.name, disabled: !onChange, oninput: () => set(Number(slider.value)) })
    );
    const shown = el("output", {});
    const full = el("button", { type: "button", onclick: () => set(item.weight), "aria-label": `${item.name} ${own.full}` }, own.full);
    const out = el("button", { type: "button", onclick: () => set(points[item.key] === null ? undefined : null), "aria-label": `${item.name} ${own.leave_out}` }, own.leave_out);
    const row = el(
      "div",
      { class: "item", "data-key": item.key },
      el("b", {}, item.name),
      slider,
      shown,
      el("span", { class: "buttons" }, onChange ? [full, out] : []),
      item.hint && el("p", { class: "hint soft small" }, item.hint),
    );
    draw();
    return { box: row, slider, item, set };

    /** @param {number | null | undefined} value undefined: not judged */
    function set(value) {
      if (!onChange) return;
      if (value === undefined) delete points[item.key];
      else points[item.key] = value === null ? null : Math.min(item.weight, Math.max(0, value));
      slider.value = String(points[item.key] ?? item.weight);
      draw();
      onChange({ ...points });
    }

    function draw() {
      const value = points[item.key];
      const lost = typeof value === "number" ? item.weight - value : 0;
      const fault = lost <= 0 ? "" : lost <= 2 ? "slip" : lost <= 5 ? "serious" : "harm";
      const text = value === undefined ? own.not_judged : value === null ? own.left_out : fill(own.points, { n: value, weight: item.weight });
      row.dataset.is = value === undefined ? "open" : value === null ? "out" : "judged";
      row.dataset.fault = fault;
      row.title = fault ? own.fault[fault] : "";
      shown.textContent = text;
      slider.setAttribute("aria-valuetext", fault ? `${text}，${own.fault[fault]}` : text);
      out.setAttribute("aria-pressed", String(value === null));
    }
  }

  /** @param {KeyboardEvent} event */
  function toKey(event) {
    const place = rows.findIndex((one) => one.box.contains(/** @type {Node} */ (event.target)));
    const here = rows[place];
    if (!here || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "ArrowDown") rows[Math.min(place + 1, rows.length - 1)].slider.focus();
    else if (event.key === "ArrowUp") rows[Math.max(place - 1, 0)].slider.focus();
    else if (/^[0-9]$/.test(event.key)) here.set(here.item.weight - Number(event.key));
    else if (event.key === "n" || event.key === "N") here.set(points[here.item.key] === null ? undefined : null);
    else return;
    event.preventDefault();
  }
}
