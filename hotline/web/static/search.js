// @ts-check
// The page of the search: asks the API what the address says, and again for further pages.

import { ask } from "./ask.js";
import { at, el } from "./dom.js";
import { kindMark } from "./entries.js";
import { dayAndClock } from "./times.js";
import { say, words } from "./words.js";

const form = /** @type {HTMLFormElement} */ (at("question"));
let cursor = 0;
let shown = 0;
let turn = 0; // answers to an older question are thrown away

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const question = asked();
  history.pushState(null, "", question ? `/search?${question}` : "/search");
  look();
});
for (const select of form.querySelectorAll("select")) select.addEventListener("change", () => form.requestSubmit());
addEventListener("popstate", () => location.reload());
at("more").addEventListener("click", () => look(true));
look();

/** What the form asks, without what is left empty. */
function asked() {
  const fields = [...new FormData(form)].map(([name, value]) => [name, String(value).trim()]);
  return String(new URLSearchParams(fields.filter(([name, value]) => value && !(name === "order" && value === "newest"))));
}

/** Ask for the first page, or with it the next one. */
async function look(more = false) {
  const question = asked();
  const mine = (turn += 1);
  const is_asked = [...new URLSearchParams(question).keys()].some((name) => name !== "order");
  if (!more) {
    at("hits").replaceChildren();
    cursor = 0;
    shown = 0;
  }
  at("refused").hidden = true;
  at("more").hidden = true;
  at("nothing").hidden = is_asked;
  at("nothing").textContent = words.search_begin;
  at("told").textContent = is_asked ? words.search_looking : "";
  if (!is_asked) return;
  at("hits").setAttribute("aria-busy", "true");
  try {
    const page = await ask(`/api/v1/search?${question}${cursor ? `&cursor=${cursor}` : ""}`);
    if (mine !== turn) return;
    at("hits").append(...page.hits.map(hitRow));
    shown += page.hits.length;
    cursor = page.next_cursor ?? 0;
    at("more").hidden = !cursor;
    at("nothing").hidden = shown > 0;
    at("nothing").textContent = words.search_none;
    at("told").textContent = told(page);
  } catch (wrong) {
    if (mine !== turn) return;
    const id = wrong instanceof Error ? wrong.message : "";
    at("told").textContent = "";
    at("refused").hidden = false;
    at("refused").textContent = words.errors[id] ?? words.errors.other;
  } finally {
    if (mine === turn) at("hits").removeAttribute("aria-busy");
  }
}

/** @param {any} page */
function told(page) {
  if (!shown) return "";
  if (page.weighed !== null) return say("search_weighed", { n: shown, of: page.weighed });
  return say(cursor ? "search_some" : "search_count", { n: shown });
}

/**
 * One hit as a row; what was looked for stands in <mark>.
 * @param {any} hit
 */
function hitRow(hit) {
  const where = address(hit);
  const name = words.search_kinds[hit.what];
  return el(
    "li",
    { class: hit.corrected_by ? "hit past" : "hit", "data-what": hit.what },
    el("span", { class: "tag", "data-what": hit.what }, name),
    el("span", { class: "time" }, hit.at ? say("year_and", { year: hit.at.slice(0, 4), day: dayAndClock(hit.at) }) : ""),
    el(
      "p",
      { class: "hit-head" },
      el(where ? "a" : "b", { href: where }, head(hit) || words.unknown_person),
      hit.kind && kindMark(hit.kind),
      hit.corrected_by && el("a", { class: "tag corrected", href: `/duty-log?cursor=${hit.corrected_by + 1}` }, words.search_corrected, " ", hit.corrected_page || `№${hit.corrected_by}`),
    ),
    el("p", { class: "quote" }, ...hit.quote.map((/** @type {any} */ piece) => (piece.is_hit ? el("mark", {}, piece.text) : piece.text))),
  );
}

/** @param {any} hit */
function head(hit) {
  const number = hit.what === "entry" ? `№${hit.item}` : "";
  return [number, hit.home, hit.who, hit.number].filter(Boolean).join(" · ");
}

/** @param {any} hit @returns {string | null} */
function address(hit) {
  if (hit.call_id) return `/calls/${encodeURIComponent(hit.call_id)}`;
  if (hit.what === "follow-up") return "/follow-ups";
  if (hit.what === "entry") return "/duty-log";
  return hit.what === "resident" && hit.home ? `/search?home=${encodeURIComponent(hit.home)}` : null;
}
