// @ts-check
// A month of days: the hours of each as they would be, holidays and 调休 days as announced, days set apart by hand.

import { el } from "./dom.js";
import { fill, language, words } from "./words.js";

const own = words.hours;
const DAY = 86_400_000;
const locale = language === "zh" ? "zh-CN" : "en-GB";
const MONTH = new Intl.DateTimeFormat(locale, { year: "numeric", month: "long", timeZone: "UTC" });
const LONG = new Intl.DateTimeFormat(locale, { month: "long", day: "numeric", weekday: "long", timeZone: "UTC" });

/** @param {string} iso @param {number} days @returns {string} */
export function moved(iso, days) {
  return new Date(Date.parse(iso) + days * DAY).toISOString().slice(0, 10);
}

/** The first and the last day of the month so many months on. @param {string} iso @param {number} [months] */
export function monthOf(iso, months = 0) {
  const [year, month] = iso.split("-").map(Number);
  const first = new Date(Date.UTC(year, month - 1 + months, 1)).toISOString().slice(0, 10);
  const next = new Date(Date.UTC(year, month + months, 1)).toISOString().slice(0, 10);
  return { first, last: moved(next, -1), name: MONTH.format(Date.parse(first)) };
}

/** @param {string} iso @returns {string} 2月16日星期二 */
export function dayName(iso) {
  return LONG.format(Date.parse(iso));
}

/** What is special about a day. @param {any} one @returns {string} */
export function kindOf(one) {
  return one.is_exception ? "exception" : one.is_holiday ? "holiday" : one.is_workday_instead ? "workday" : "";
}

/**
 * @param {any[]} days of one month, the first one first
 * @param {{ today: string, chosen: string, wrong: Set<string>, choose: (day: string) => void }} how
 * @returns {HTMLElement[]}
 */
export function calendarDays(days, { today, chosen, wrong, choose }) {
  const lead = (new Date(Date.parse(days[0].day)).getUTCDay() + 6) % 7;
  return [
    ...own.weekdays_short.map((/** @type {string} */ name) => el("span", { class: "weekday", "aria-hidden": "true" }, name)),
    ...Array.from({ length: lead }, () => el("span", { "aria-hidden": "true" })),
    ...days.map((one) => {
      const kind = kindOf(one);
      return el(
        "button",
        {
          type: "button",
          "data-day": one.day,
          "data-is": kind,
          "data-today": one.day === today,
          "data-changed": one.is_changed,
          "data-wrong": wrong.has(one.day),
          "aria-pressed": String(one.day === chosen),
          disabled: one.day < today && !one.is_exception,
          onclick: () => choose(one.day),
        },
        el("span", { class: "unseen" }, fill(own.day_told, { day: dayName(one.day), kind: kind ? own.kinds[kind] : "" })),
        el("b", {}, Number(one.day.slice(8)), kind && el("i", {}, own.marks[kind])),
        ...(one.hours.length ? one.hours : [own.closed]).map((/** @type {string} */ text) => el("small", {}, text)),
      );
    }),
  ];
}
