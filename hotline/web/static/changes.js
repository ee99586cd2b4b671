// @ts-check
// A change as it is shown: who, when, what; before and after side by side.

import { el } from "./dom.js";
import { person } from "./people.js";
import { words } from "./words.js";

const own = words.audit;
/** Values that have words of their own on the pages. */
const NAMED = { role: words.staff.roles, state: words.staff.states, duty: words.roster.duties, mark: words.do_not_call.marks, sort: words.call_back_rules.outreach.sorts, help: own.helps, mode: own.modes };

/** @param {any} one a change of the audit @returns {HTMLElement} */
export function changeItem(one) {
  return el(
    "li",
    { "data-position": one.position },
    el(
      "p",
      {},
      el("time", { datetime: one.at }, `${one.at.slice(0, 4)}-${one.at.slice(5, 10)} ${one.at.slice(11, 19)}`),
      el("b", {}, person(one.by)),
      el("span", {}, own.acts[one.act] ?? one.act),
      el("b", {}, one.room === "staff" ? person(one.subject) : one.subject),
      el("span", { class: "place" }, `${own.rooms[one.room] ?? one.room} · ${one.position}`),
    ),
    one.differences.length > 0 &&
      el(
        "table",
        {},
        el("thead", {}, el("tr", {}, [own.value, own.before, own.after].map((name) => el("th", { scope: "col" }, name)))),
        el(
          "tbody",
          {},
          one.differences.map((/** @type {any} */ each) =>
            el(
              "tr",
              {},
              el("th", { scope: "row" }, own.values[each.name] ?? each.name),
              el("td", { class: one.before && each.before !== null ? "was" : null }, written(each.before, each.name)),
              el("td", { class: one.after && each.after !== null ? "is" : null }, written(each.after, each.name)),
            ),
          ),
        ),
      ),
  );
}

/** @param {any} value @param {string} name of the value @returns {string} */
function written(value, name) {
  if (value === null || value === undefined) return "—";
  if (Array.isArray(value) && value.every((each) => typeof each !== "object")) return value.join(" · ") || "—";
  if (typeof value === "object") return JSON.stringify(value, null, 2);
  return value === "" ? "—" : (/** @type {any} */ (NAMED)[name]?.[value] ?? String(value));
}
