// @ts-check
// The spans of one day: fields for each, one more, one less; none is closed. What is typed stands in the list at once.

import { el } from "./dom.js";
import { fill, words } from "./words.js";

const own = words.hours;
const MOST = 6;

/** @typedef {{ opens: string, closes: string, next_day: boolean }} Span */

/** A field of time knows no 24:00: midnight is the next day's 00:00. @param {Span[]} spans @returns {Span[]} */
export function forFields(spans) {
  return spans.map((one) => (one.closes === "24:00" ? { opens: one.opens, closes: "00:00", next_day: true } : { ...one }));
}

/**
 * @param {string} name of the day, for those who hear the page
 * @param {Span[]} spans written into as they are typed
 * @param {() => void} changed
 * @returns {HTMLElement}
 */
export function spansEditor(name, spans, changed) {
  const box = el("div", { class: "spans" });

  const draw = () => {
    const rows = spans.map((one, n) => {
      /** @param {"opens" | "closes"} which */
      const time = (which) =>
        el("input", {
          type: "time",
          value: one[which],
          "aria-label": fill(own[which], { day: name, n: n + 1 }),
          oninput: (/** @type {any} */ event) => {
            one[which] = event.target.value;
            changed();
          },
        });
      const tick = /** @type {HTMLInputElement} */ (
        el("input", {
          type: "checkbox",
          onchange: (/** @type {any} */ event) => {
            one.next_day = event.target.checked;
            changed();
          },
        })
      );
      tick.checked = one.next_day;
      const less = () => {
        spans.splice(n, 1);
        draw();
        changed();
        box.querySelector("button")?.focus();
      };
      return el(
        "div",
        { class: "span" },
        time("opens"),
        el("span", { "aria-hidden": "true" }, "–"),
        time("closes"),
        el("label", { class: "tick small" }, tick, own.next_day),
        el("button", { type: "button", class: "quiet", "aria-label": fill(own.less, { day: name, n: n + 1 }), onclick: less }, "×"),
      );
    });
    const more = () => {
      const last = spans.at(-1);
      spans.push(last ? { opens: last.closes, closes: "", next_day: false } : { opens: "09:00", closes: "18:00", next_day: false });
      draw();
      changed();
    };
    const another = spans.length < MOST && el("button", { type: "button", class: "quiet more", "aria-label": fill(own.more_of, { day: name }), onclick: more }, own.more);
    if (!rows.length) rows.push(el("div", { class: "span soft" }, own.closed));
    if (another) rows[rows.length - 1].append(another);
    box.replaceChildren(...rows);
  };
  draw();
  return box;
}
