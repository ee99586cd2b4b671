// @ts-check
// By when something is done, and what that rests on: what the resident was told, the trade's rule, or whoever wrote it down.

import { el } from "./dom.js";
import { dayAndClock } from "./times.js";
import { fill, words } from "./words.js";

/**
 * A deadline in words; nothing where there is none. What was promised for later than the rule allows stands beside it.
 * @param {{due: string | null, due_by: "promise" | "rule" | "person" | null, promised?: string | null}} one
 * @returns {HTMLElement | null}
 */
export function deadlineOf({ due, due_by, promised }) {
  if (!due || !due_by) return null;
  const said = [fill(words.due_by[due_by], { time: dayAndClock(due) })];
  if (promised && due_by !== "promise") said.push(fill(words.due_promised_later, { time: dayAndClock(promised) }));
  return el("small", { class: "soft until", "data-by": due_by }, said.map((one, place) => el("span", {}, place ? ` · ${one}` : one)));
}
