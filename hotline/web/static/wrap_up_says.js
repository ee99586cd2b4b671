// @ts-check
// What a wrap-up says: by the draft, by who had the call before, by whoever types now, whose word wins. Pure: no page.

import { localTime } from "./wrap_up_fields.js";

export const KINDS = ["repair", "complaint", "enquiry", "paid-service", "general-help", "special-help"];
const RETURNED = ["call-back", "missed"]; // done by speaking with the resident
const NO_KIND = ["no-matter", "not-reached"];

/** @typedef {Record<string, string | boolean>} Touched what somebody typed or chose, by field */
/** @typedef {(name: string) => any} Value of a field, as it stands in the form */

/**
 * What draft and earlier agents say, by field.
 * @param {any} told what the form is drawn from @param {Touched} touched here
 * @returns {Record<string, any>}
 */
export function baseOf(told, touched) {
  const { entry } = told;
  const due = entry?.drafted?.find((/** @type {any} */ one) => one.field === "due" && one.value);
  const kind = touched.kind ?? entry?.kind;
  const earlier = Object.assign({}, ...told.notes.others.map((/** @type {any} */ one) => one.form));
  const said = { ...earlier, ...touched };
  // A call of ours goes on with what it was made for; only what the agent calls new is begun like any caller's.
  const about = told.original ? String(said.original ?? (told.original.state !== "open" || RETURNED.includes(told.original.kind) ? "settled" : "goes-on")) : "";
  const isBegun = told.direction !== "outbound" || about === "new";
  // A plain repair goes to engineering, the first department, unless it is settled or nothing.
  const goes = isBegun && told.direction !== "outbound" && kind === "repair" && !told.is_done && !said.result && !["settled", ...NO_KIND].includes(String(said.disposition));
  const department = said.department ?? (goes ? told.departments[0] ?? "" : "");
  const promiseDue = said.promise_due ?? (due && isBegun && !told.is_done ? localTime(Date.parse(due.value)) : "");
  return {
    kind: entry?.kind ?? "", is_urgent: entry?.is_urgent ?? false, home: entry?.home ?? "", who: entry?.who ?? "",
    matter: entry?.matter ?? "", promised: entry?.promised ?? "", result: entry?.result ?? "",
    dispatch_note: "", promise_to: "",
    ...earlier,
    department, promise_due: promiseDue, original: about,
    disposition: earlier.disposition ?? (said.result || about === "settled" ? "settled" : department ? "dispatched" : promiseDue ? "promised" : "follow-up"),
  };
}

/** The fields that must be told: by the kind, and by what came of it. @param {any} told @param {Value} value @returns {string[]} */
export function wanted(told, value) {
  return [...(told.required[String(value("kind")) || "unknown"] ?? []), ...needs(told, value)];
}

/** What our call was made for is settled by saying so, without a result. @param {any} told @param {Value} value @returns {string[]} */
function needs(told, value) {
  const all = told.needs[String(value("disposition"))] ?? [];
  return told.original && value("original") === "settled" ? all.filter((/** @type {string} */ one) => one !== "result") : all;
}

/**
 * What the service would refuse is said without asking it.
 * @param {any} told @param {Value} value @param {Touched} touched
 */
export function missing(told, value, touched) {
  const isThere = (/** @type {string} */ name) => {
    if (name === "kind") return NO_KIND.includes(String(value("disposition")));
    if (name === "department" && touched.corrects) return true; // who corrects may have sent it before
    return String(value(name)).trim() !== "";
  };
  return wanted(told, value).filter((name) => !isThere(name));
}

/** The act as the service takes it, without its key. @param {any} told @param {Value} value @param {Touched} touched */
export function bodyOf(told, value, touched) {
  const text = (/** @type {string} */ name) => String(value(name)).trim();
  const due = text("promise_due");
  return {
    disposition: text("disposition"), kind: text("kind") || "unknown", is_urgent: value("is_urgent") === true,
    who: text("who"), home: text("home"), matter: text("matter"), promised: text("promised"), result: text("result"),
    ...(told.original && { original: text("original") }),
    ...(touched.corrects && { corrects: Number(touched.corrects) }),
    ...(text("department") && { dispatch: { department: text("department"), note: text("dispatch_note") } }),
    ...(due && { promise: { due: new Date(due).toISOString(), to: text("promise_to"), text: text("promised").slice(0, 1000) } }),
  };
}
