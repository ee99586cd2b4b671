// @ts-check
// Other days for something that is kept: what they would remove is said first, then it is asked once more.

import { ask } from "./ask.js";
import { at, el } from "./dom.js";
import { dayAndClock } from "./times.js";
import { fill, words } from "./words.js";

const own = words.retention;
const HERE = "/api/v1/retention";
const RECORDED = new Set(["calls", "messages", "unanswered", "grave", "transcripts"]); // what goes is a call's
const panel = at("change");
const form = /** @type {HTMLFormElement} */ (at("days"));
const refused = at("refused");
/** @type {DOMStringMap} */
let rule = {};

/** @param {string} name @returns {HTMLInputElement} */
function field(name) {
  return /** @type {HTMLInputElement} */ (form.elements.namedItem(name));
}

/** @param {HTMLElement} row */
function edit(row) {
  rule = row.dataset;
  at("change-title").textContent = own.of[rule.what ?? ""] ?? rule.what ?? "";
  field("days").min = rule.lowest ?? "";
  field("days").max = rule.highest ?? "";
  field("days").value = rule.days ?? "";
  field("reason").value = "";
  at("limits").textContent = fill(own.limits, { low: rule.lowest ?? "", high: rule.highest ?? "", n: rule.inFile ?? "" });
  at("to-file").textContent = fill(own.to_file, { n: rule.inFile ?? "" });
  at("to-file").hidden = rule.fromPage !== "yes";
  forget();
  panel.hidden = false;
  panel.dataset.state = "shown";
  panel.scrollIntoView({ block: "nearest" });
  field("days").focus();
}

function forget() {
  refused.hidden = true;
  at("foreseen").replaceChildren();
}

/** @param {any} wrong */
function refuse(wrong) {
  const { message, details } = wrong;
  refused.textContent = fill(own.refused[message] ?? own.refused.other, { low: details?.lowest ?? "", high: details?.highest ?? "", by: details?.by ?? "", n: details?.days ?? "" });
  refused.hidden = false;
  panel.dataset.state = "shown";
}

/** @param {any} one @returns {HTMLElement} */
function firstItem(one) {
  const when = one.at ? `${one.at.slice(0, 4)}-${dayAndClock(one.at)}` : "";
  if (RECORDED.has(rule.what ?? "")) return el("li", {}, el("a", { href: `/calls/${encodeURIComponent(one.what)}` }, when));
  return el("li", {}, [when, one.what && fill(own.numbered, { n: one.what })].filter(Boolean).join(" "));
}

/** @param {number | null} days null: those of the file */
async function foresee(days) {
  forget();
  panel.dataset.state = "looking";
  try {
    const told = await ask(`${HERE}/${rule.what}/foreseen${days === null ? "" : `?days=${days}`}`);
    const gap = { n: told.days, was: told.before, at: `${told.holds_from.slice(0, 4)}-${dayAndClock(told.holds_from)}`, count: told.count };
    const save = () => keep(days);
    at("foreseen").replaceChildren(
      el("p", {}, fill(told.is_shorter ? own.shorter : told.days > told.before ? own.longer : own.same, gap)),
      told.is_shorter ? el("p", { class: told.count ? "refused" : "soft" }, fill(told.count ? (told.is_more ? own.goes_more : own.goes) : own.goes_none, gap)) : "",
      told.is_shorter && told.first.length ? el("ul", { id: "first-gone" }, ...told.first.map(firstItem)) : "",
      el("div", { class: "buttons" }, el("button", { type: "button", class: "primary", id: "sure", onclick: save }, told.is_shorter ? own.sure_shorter : own.sure)),
    );
    panel.dataset.state = "asked";
    at("sure").focus();
  } catch (wrong) {
    refuse(wrong);
  }
}

/** @param {number | null} days */
async function keep(days) {
  try {
    await ask(`${HERE}/${rule.what}`, { days, version: Number(rule.version), reason: field("reason").value, is_sure: true });
    location.reload();
  } catch (wrong) {
    refuse(wrong);
  }
}

for (const button of document.querySelectorAll("#retention .edit")) button.addEventListener("click", () => edit(/** @type {HTMLElement} */ (button.closest("tr"))));
form.addEventListener("submit", (event) => {
  event.preventDefault();
  foresee(Number(field("days").value));
});
field("days").addEventListener("input", forget);
at("to-file").addEventListener("click", () => {
  if (field("reason").reportValidity()) foresee(null);
});
at("not-now").addEventListener("click", () => (panel.hidden = true));
panel.dataset.state = "ready";
