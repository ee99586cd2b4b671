// @ts-check
// Two stretches of days held against one another: what a form asks for, and which days lie before some.

export const DAY = 86_400_000;

/** @typedef {{from: string, to: string}} Days */

/** @param {number} moment @returns {string} 2026-11-21 */
export function iso(moment) {
  return new Date(moment).toISOString().slice(0, 10);
}

/** @param {Days} days @returns {Days} as many days right before; of whole months as many months before */
export function before(days) {
  const [first, last] = [Date.parse(days.from), Date.parse(days.to)];
  if (days.from.endsWith("-01") && iso(last + DAY).endsWith("-01")) {
    const [from, to] = [new Date(first), new Date(last)];
    const months = (to.getUTCFullYear() - from.getUTCFullYear()) * 12 + to.getUTCMonth() - from.getUTCMonth() + 1;
    return { from: iso(Date.UTC(from.getUTCFullYear(), from.getUTCMonth() - months, 1)), to: iso(first - DAY) };
  }
  return { from: iso(first - (last - first) - DAY), to: iso(first - DAY) };
}

/** @param {string} day @returns {string} the same day a year before; of February 29 the 28th */
function yearBefore(day) {
  const wanted = `${Number(day.slice(0, 4)) - 1}${day.slice(4)}`;
  return wanted.endsWith("-02-29") ? `${wanted.slice(0, 8)}28` : wanted;
}

/** @param {HTMLFormElement} form @param {string} name @returns {any} */
function field(form, name) {
  return form.elements.namedItem(name);
}

/** @param {HTMLFormElement} form with "compare", "other_from" and "other_to" @param {Days} days @returns {Days | null} the days that they are held against */
export function otherDays(form, days) {
  switch (field(form, "compare").value) {
    case "before":
      return before(days);
    case "year":
      return { from: yearBefore(days.from), to: yearBefore(days.to) };
    case "custom":
      return field(form, "other_from").value && field(form, "other_to").value ? { from: field(form, "other_from").value, to: field(form, "other_to").value } : null;
    default:
      return null;
  }
}

/** For days that a person chooses there are two fields; they begin as the days before. @param {HTMLFormElement} form */
export function showOther(form) {
  const is = field(form, "compare").value === "custom";
  for (const label of form.querySelectorAll("[data-other]")) if (label instanceof HTMLElement) label.hidden = !is;
  if (is && !field(form, "other_from").value) {
    const days = before({ from: field(form, "from").value, to: field(form, "to").value });
    [field(form, "other_from").value, field(form, "other_to").value] = [days.from, days.to];
  }
}
