// @ts-check
// The answer times of some days, centre beside centre: a table, a bar chart of one figure, and the rows to take away.

import { ask } from "./ask.js";
import { otherDays, showOther } from "./days.js";
import { at, el } from "./dom.js";
import { Picture, pictureNote } from "./picture.js";
import { amountsAxis, barLabel, bars, namesAxis } from "./picture_axes.js";
import { behind, earlier, exactly, percent, table } from "./report_parts.js";
import { fill, words } from "./words.js";

const own = words.group;
const said = words.reports;
const COLUMNS = ["offered", "answered", "abandoned", "short", "three_rings", "service_level", "connected", "p50", "p90", "p99"];

/** @type {Record<string, string>} which calls a figure is made of; waits have none, they open the report */
const BEHIND = { offered: "offered", answered: "answered", abandoned: "abandoned", short: "short", three_rings: "within-three-rings", service_level: "within-limit", connected: "answered" };

/** @type {Record<string, (times: any) => string>} */
const SHOWN = {
  offered: (times) => String(times.offered),
  answered: (times) => String(times.answered),
  abandoned: (times) => String(times.abandoned),
  short: (times) => String(times.short),
  three_rings: (times) => percent(times.three_rings_share),
  service_level: (times) => percent(times.service_level),
  connected: (times) => percent(times.connected),
  p50: (times) => seconds(times.human_seconds.p50),
  p90: (times) => seconds(times.human_seconds.p90),
  p99: (times) => seconds(times.human_seconds.p99),
};

/** @type {Record<string, (times: any) => {n: number | null, told: string}>} */
const FIGURES = {
  offered: (times) => ({ n: times.offered, told: String(times.offered) }),
  three_rings: (times) => ({ n: times.three_rings_share, told: percent(times.three_rings_share) }),
  service_level: (times) => ({ n: times.service_level, told: percent(times.service_level) }),
  p90: (times) => ({ n: times.human_seconds.p90, told: exactly(times.human_seconds.p90) }),
};

const picture = new Picture("centres");
const page = at("comparison");
const form = /** @type {HTMLFormElement} */ (at("asked"));
/** @type {{asked: number, found: any}} */
const state = { asked: 0, found: null };

/** @param {number | null} wait */
function seconds(wait) {
  return wait === null ? said.no_data : String(wait);
}

/** @param {string} name @returns {any} a field of the form */
function field(name) {
  return form.elements.namedItem(name);
}

async function show() {
  const mine = ++state.asked;
  const days = { from: field("from").value, to: field("to").value };
  const other = otherDays(form, days);
  const query = new URLSearchParams({ ...days, ...(other ? { other_from: other.from, other_to: other.to } : {}) });
  keep(days);
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
    found.other_first ? fill(said.compared, { from: found.other_first, to: found.other_last }) : "",
  ].join(" ");
  at("compared").replaceChildren(chart(found), rows(found));
}

/** @param {any} found */
function rows(found) {
  return table(
    own.comparison,
    [own.centre, ...COLUMNS.map((name) => said.column[name])],
    [
      ...found.centres.map((/** @type {any} */ one) => [el("a", { href: reportsOf(one, found) }, one.name), ...cells(one.times, one.other, one.why, (name) => opened(one, name, found))]),
      [el("b", {}, own.all), ...cells(found.total, found.other_total, "", () => "")],
    ],
  );
}

/** The centre's own page of reports for these days. @param {any} one @param {any} found */
function reportsOf(one, found) {
  return `${one.page}/reports?${new URLSearchParams({ from: found.first, to: found.last, range: "custom" })}`;
}

/** Where the centre's own pages show what is behind a figure of these days. @param {any} one @param {string} name @param {any} found */
function opened(one, name, found) {
  const figure = BEHIND[name];
  return figure ? `${one.page}${behind({ from: found.first, to: found.last }, { figure })}` : reportsOf(one, found);
}

/**
 * Each figure opens the centre's own page of the same days; that of the other days stands beside it in brackets.
 * @param {any} times
 * @param {any} other
 * @param {string} why
 * @param {(name: string) => string} opens an address, or ""
 */
function cells(times, other, why, opens) {
  if (!times) return COLUMNS.map((_, place) => (place ? "—" : `${said.no_data}${why ? ` · ${own.why[why] ?? why}` : ""}`));
  return COLUMNS.map((name) => {
    const shown = SHOWN[name](times);
    const address = shown === said.no_data || shown === "0" ? "" : opens(name);
    return el("span", {}, address ? el("a", { href: address }, shown) : shown, other && (shown !== said.no_data || SHOWN[name](other) !== said.no_data) && earlier(SHOWN[name](other)));
  });
}

/** One bar a centre, which opens that centre's own report; a centre without data has none. @param {any} found */
function chart(found) {
  const figure = field("figure").value;
  const title = fill(own.chart, { figure: said.column[figure] });
  const isShare = figure === "three_rings" || figure === "service_level";
  const shown = found.centres.map((/** @type {any} */ one) => ({ one, ...(one.times ? FIGURES[figure](one.times) : { n: null, told: said.no_data }) }));
  const told = shown.map((/** @type {any} */ bar) => fill(own.bar, { name: bar.one.name, value: bar.told }));
  const nameOf = (/** @type {any} */ bar) => (bar.n === null ? `${bar.one.name} ${said.no_data}` : bar.one.name);
  picture.element.style.height = `${2 * Math.max(1, shown.length) + 1}em`;
  picture.show({
    told: `${title}: ${told.join(", ")}`,
    option: (em) => ({
      grid: { left: 2, right: 5 * em, top: 2, bottom: 2, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
      xAxis: amountsAxis(em, { show: false, ...(isShare ? { min: 0, max: 1 } : {}) }),
      yAxis: namesAxis(shown.map(nameOf), em, { inverse: true, axisLabel: { color: "var(--text)", fontSize: 0.9 * em, interval: 0 } }),
      series: [
        bars(title, shown.map((/** @type {any} */ bar) => bar.n), "var(--accent)", {
          barMaxWidth: 1.3 * em,
          label: barLabel(em, "right", ({ dataIndex }) => shown[dataIndex].told),
        }),
      ],
    }),
    tip: (place) => [told[place]],
    opens: (_, place) => (shown[place]?.n === null ? "" : reportsOf(shown[place].one, found)),
  });
  return el("section", {}, el("h3", {}, title), pictureNote(), picture.element);
}

/** What is looked at stands in the address: it may be sent to somebody, and survives a reload. @param {{from: string, to: string}} days */
function keep(days) {
  const query = new URLSearchParams(days);
  if (field("compare").value) query.set("compare", field("compare").value);
  if (field("compare").value === "custom") for (const name of ["other_from", "other_to"]) query.set(name, field(name).value);
  history.replaceState(null, "", `?${query}`);
}

const today = page.dataset.today ?? "";
const kept = new URLSearchParams(location.search);
field("from").value = kept.get("from") ?? `${today.slice(0, 8)}01`;
field("to").value = kept.get("to") ?? today;
field("compare").value = said.compare_with[kept.get("compare") ?? ""] ? (kept.get("compare") ?? "") : "";
field("other_from").value = kept.get("other_from") ?? "";
field("other_to").value = kept.get("other_to") ?? "";
showOther(form);
form.addEventListener("submit", (event) => {
  event.preventDefault();
  show();
});
field("compare").addEventListener("change", () => {
  showOther(form);
  if (field("compare").value !== "custom") show();
});
field("figure").addEventListener("change", draw);
show();
