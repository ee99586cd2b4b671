// @ts-check
// The answer times of some days, centre beside centre: a table, a bar chart of one figure, and the rows to take away.

import { ask } from "./ask.js";
import { at, el, svg } from "./dom.js";
import { exactly, percent, table } from "./report_parts.js";
import { fill, words } from "./words.js";

const own = words.group;
const said = words.reports;
const WIDTH = 620;
const [BAR, GAP, NAME, VALUE] = [20, 8, 150, 70];
const COLUMNS = ["offered", "answered", "abandoned", "short", "three_rings", "service_level", "connected", "p50", "p90", "p99"];

/** @type {Record<string, (times: any) => {n: number | null, told: string}>} */
const FIGURES = {
  offered: (times) => ({ n: times.offered, told: String(times.offered) }),
  three_rings: (times) => ({ n: times.three_rings_share, told: percent(times.three_rings_share) }),
  service_level: (times) => ({ n: times.service_level, told: percent(times.service_level) }),
  p90: (times) => ({ n: times.human_seconds.p90, told: exactly(times.human_seconds.p90) }),
};

const page = at("comparison");
const form = /** @type {HTMLFormElement} */ (at("asked"));
/** @type {{asked: number, found: any}} */
const state = { asked: 0, found: null };

/** @param {string} name @returns {any} a field of the form */
function field(name) {
  return form.elements.namedItem(name);
}

async function show() {
  const mine = ++state.asked;
  const query = new URLSearchParams({ from: field("from").value, to: field("to").value });
  for (const format of ["csv", "xlsx"]) at(format).setAttribute("href", `/api/v1/centres/rows?${query}&format=${format}`);
  page.dataset.state = "loading";
  at("note").textContent = said.loading;
  at("refused").hidden = true;
  try {
    const found = await ask(`/api/v1/centres/report?${query}`);
    if (mine !== state.asked) return;
    state.found = found;
    draw();
    page.dataset.state = "shown";
  } catch (wrong) {
    if (mine !== state.asked) return;
    at("refused").textContent = ["range-refused", "input-refused"].includes(/** @type {Error} */ (wrong).message) ? said.refused : said.failed;
    at("refused").hidden = false;
    at("note").textContent = "";
    page.dataset.state = "refused";
  }
}

function draw() {
  const { found } = state;
  if (!found) return;
  const running = found.centres.reduce((/** @type {number} */ n, /** @type {any} */ one) => n + one.running, 0);
  const isWhole = found.centres.every((/** @type {any} */ one) => !one.times || one.is_whole);
  at("note").textContent = [
    fill(own.of_report, { heard: found.heard, centres: found.centres.length }),
    running ? fill(own.running, { n: running }) : "",
    isWhole ? "" : own.not_whole,
  ].join(" ");
  at("compared").replaceChildren(chart(found), rows(found));
}

/** @param {any} found */
function rows(found) {
  return table(
    own.comparison,
    [own.centre, ...COLUMNS.map((name) => said.column[name])],
    [
      ...found.centres.map((/** @type {any} */ one) => [el("a", { href: reportsOf(one, found) }, one.name), ...cells(one.times, one.why)]),
      [el("b", {}, own.all), ...cells(found.total, "")],
    ],
  );
}

/** The centre's own page of reports for these days. @param {any} one @param {any} found */
function reportsOf(one, found) {
  return `${one.page}/reports?${new URLSearchParams({ from: found.first, to: found.last, range: "custom" })}`;
}

/** @param {any} times @param {string} why */
function cells(times, why) {
  if (!times) return COLUMNS.map((_, place) => (place ? "—" : `${said.no_data}${why ? ` · ${own.why[why] ?? why}` : ""}`));
  const { p50, p90, p99 } = times.human_seconds;
  return [
    times.offered,
    times.answered,
    times.abandoned,
    times.short,
    percent(times.three_rings_share),
    percent(times.service_level),
    percent(times.connected),
    ...[p50, p90, p99].map((wait) => (wait === null ? said.no_data : String(wait))),
  ];
}

/** One bar a centre, which opens that centre's own report. @param {any} found */
function chart(found) {
  const figure = field("figure").value;
  const title = fill(own.chart, { figure: said.column[figure] });
  const bars = found.centres.map((/** @type {any} */ one) => ({ one, ...(one.times ? FIGURES[figure](one.times) : { n: null, told: said.no_data }) }));
  const most = figure === "three_rings" || figure === "service_level" ? 1 : Math.max(1, ...bars.map((/** @type {any} */ bar) => bar.n ?? 0));
  const room = WIDTH - NAME - VALUE;
  return el(
    "section",
    {},
    el("h3", {}, title),
    svg(
      "svg",
      { viewBox: `0 0 ${WIDTH} ${Math.max(1, bars.length) * (BAR + GAP)}`, class: "chart centres-chart", role: "group", "aria-label": title },
      bars.flatMap((/** @type {any} */ { one, n, told }, /** @type {number} */ place) => {
        const y = place * (BAR + GAP);
        const name = fill(own.bar, { name: one.name, value: told });
        const wide = n === null ? 0 : Math.max(1, (n / most) * room);
        return [
          svg("text", { x: NAME - 8, y: y + BAR * 0.7, class: "axis end" }, one.name),
          n !== null && svg("a", { href: reportsOf(one, found), "aria-label": name }, svg("rect", { x: NAME, y, width: wide, height: BAR, rx: 3 }, svg("title", {}, name))),
          svg("text", { x: NAME + wide + 6, y: y + BAR * 0.7, class: "axis" }, told),
        ];
      }),
    ),
  );
}

const today = page.dataset.today ?? "";
const kept = new URLSearchParams(location.search);
field("from").value = kept.get("from") ?? `${today.slice(0, 8)}01`;
field("to").value = kept.get("to") ?? today;
form.addEventListener("submit", (event) => {
  event.preventDefault();
  history.replaceState(null, "", `?${new URLSearchParams({ from: field("from").value, to: field("to").value })}`);
  show();
});
field("figure").addEventListener("change", draw);
show();
