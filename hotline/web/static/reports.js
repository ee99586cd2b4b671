// @ts-check
// The page of reports: which days, which kind of report, and the same for the days before where that is asked.

import { ask } from "./ask.js";
import { DAY, iso, otherDays, showOther } from "./days.js";
import { at, el } from "./dom.js";
import { showAgents } from "./report_agents.js";
import { showCalls } from "./report_calls.js";
import { showService } from "./report_service.js";
import { fill, language, words } from "./words.js";

const own = words.reports;
const SHOW = { calls: showCalls, agents: showAgents, service: showService };

const page = at("reports");
const form = /** @type {HTMLFormElement} */ (at("asked"));
const today = page.dataset.today ?? "";
const state = { tab: "calls", by: "hour", asked: 0 };

/** @param {string} name @returns {any} a field of the form */
function field(name) {
  return form.elements.namedItem(name);
}

/** @param {string} name @returns {[string, string]} the first and the last day of a range of this name */
function range(name) {
  const now = Date.parse(today);
  const [year, month] = [Number(today.slice(0, 4)), Number(today.slice(5, 7)) - 1];
  const weekday = (new Date(now).getUTCDay() + 6) % 7;
  switch (name) {
    case "day":
      return [today, today];
    case "yesterday":
      return [iso(now - DAY), iso(now - DAY)];
    case "week":
      return [iso(now - weekday * DAY), today];
    case "last-month":
      return [iso(Date.UTC(year, month - 1, 1)), iso(Date.UTC(year, month, 0))];
    case "quarter":
      return [iso(Date.UTC(year, month - (month % 3), 1)), today];
    case "last-quarter":
      return [iso(Date.UTC(year, month - (month % 3) - 3, 1)), iso(Date.UTC(year, month - (month % 3), 0))];
    case "year":
      return [iso(Date.UTC(year, 0, 1)), today];
    case "last-year":
      return [iso(Date.UTC(year - 1, 0, 1)), iso(Date.UTC(year, 0, 0))];
    default:
      return [iso(Date.UTC(year, month, 1)), today];
  }
}

/** @param {{from: string, to: string}} days @param {string} [by] */
async function read(days, by) {
  const query = new URLSearchParams({ ...days, ...(by ? { by } : {}) });
  return ask(`/api/v1/reports/${state.tab}?${query}`);
}

async function show() {
  const mine = ++state.asked;
  const days = { from: field("from").value, to: field("to").value };
  page.dataset.state = "loading";
  at("note").textContent = own.loading;
  at("refused").hidden = true;
  keep(days);
  try {
    const by = state.tab === "calls" ? state.by : undefined;
    const earlier = otherDays(form, days);
    const [found, old] = await Promise.all([read(days, by), earlier && read(earlier, by)]);
    if (mine !== state.asked) return;
    at("note").textContent = [
      found.running ? fill(own.running, { n: found.running }) : "",
      found.is_whole === false ? own.not_whole_page : "",
      earlier ? fill(own.compared, { from: earlier.from, to: earlier.to }) : "",
    ].join(" ");
    /** @type {any} */ (SHOW)[state.tab](at("shown"), found, old, days, choose);
    define(found.definitions);
    page.dataset.state = "shown";
  } catch (wrong) {
    if (mine !== state.asked) return;
    const refused = at("refused");
    refused.textContent = ["range-refused", "input-refused"].includes(/** @type {Error} */ (wrong).message) ? own.refused : own.failed;
    refused.hidden = false;
    at("note").textContent = "";
    page.dataset.state = "refused";
  }
}

/** @param {string} by what the rows are told apart by */
function choose(by) {
  state.by = by;
  show();
}

/** What is looked at stands in the address: it may be sent to somebody, and survives a reload. @param {{from: string, to: string}} days */
function keep(days) {
  const kept = new URLSearchParams({ ...days, range: field("range").value, tab: state.tab, by: state.by });
  const heat = new URLSearchParams(location.search).get("heat");
  if (heat) kept.set("heat", heat); // what the map of the week tells (report_heat.js)
  if (field("compare").value) kept.set("compare", field("compare").value);
  if (field("compare").value === "custom") {
    kept.set("other_from", field("other_from").value);
    kept.set("other_to", field("other_to").value);
  }
  history.replaceState(null, "", `?${kept}`);
}

/** @param {any[]} definitions */
function define(definitions) {
  const zh = language === "zh";
  at("definitions").querySelector("dl")?.replaceChildren(
    ...definitions.flatMap((one) => [
      el("dt", {}, zh ? one.name : one.english, one.goal !== null && ` (${fill(own.goal, { n: `${Math.round(one.goal * 100)}%` })})`),
      el("dd", {}, zh ? one.formula : one.english_formula),
    ]),
  );
}

/** @param {string} tab */
function press(tab) {
  state.tab = tab in SHOW ? tab : "calls";
  for (const button of page.querySelectorAll("[data-tab]")) {
    button.setAttribute("aria-pressed", String(button instanceof HTMLElement && button.dataset.tab === state.tab));
  }
}

/** @param {[string, string]} days */
function put(days) {
  [field("from").value, field("to").value] = days;
}

const kept = new URLSearchParams(location.search);
if (kept.get("range")) field("range").value = kept.get("range");
put(kept.get("from") && kept.get("to") ? [kept.get("from") ?? "", kept.get("to") ?? ""] : range(field("range").value));
field("compare").value = kept.get("compare") === "1" ? "before" : own.compare_with[kept.get("compare") ?? ""] ? (kept.get("compare") ?? "") : "";
field("other_from").value = kept.get("other_from") ?? "";
field("other_to").value = kept.get("other_to") ?? "";
showOther(form);
state.by = own.by_title[kept.get("by") ?? ""] ? (kept.get("by") ?? "hour") : "hour";
press(kept.get("tab") ?? "calls");

field("range").addEventListener("change", () => {
  if (field("range").value === "custom") return;
  put(range(field("range").value));
  show();
});
for (const name of ["from", "to"]) field(name).addEventListener("input", () => (field("range").value = "custom"));
field("compare").addEventListener("change", () => {
  showOther(form);
  if (field("compare").value !== "custom") show();
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  show();
});
for (const button of page.querySelectorAll("[data-tab]")) {
  button.addEventListener("click", () => {
    press(/** @type {HTMLElement} */ (button).dataset.tab ?? "calls");
    show();
  });
}
show();
