// @ts-check
// The page of files that are brought in: send one, see what it would do, confirm, watch it being written.

import { ask, turnToDoor } from "./ask.js";
import { at, el } from "./dom.js";
import { person } from "./people.js";
import { dayAndClock } from "./times.js";
import { fill, language, words } from "./words.js";

const own = words.imports;
const GOES_ON = new Set(["reading", "taking-in"]);
const LOOK_AGAIN_MS = 700;
const page = at("imports");
const form = /** @type {HTMLFormElement} */ (at("sending"));
const largest = Number(page.dataset.largest);
let open = decodeURIComponent(location.hash.slice(1));
/** @type {number | undefined} */
let timer;

/** @param {string} name @returns {any} */
function field(name) {
  return form.elements.namedItem(name);
}

/** @param {unknown} wrong */
function refuse(wrong) {
  const id = wrong instanceof Error ? wrong.message : "";
  at("refused").textContent = own.refused[id] ?? (id === "too-large" ? fill(own.too_large, { n: Math.round(largest / 1048576) }) : own.failed);
  at("refused").hidden = false;
}

/** Send the file; how far it has come is shown. @param {File} file @returns {Promise<any>} */
function send(file) {
  const bar = /** @type {HTMLProgressElement} */ (at("arriving"));
  const query = new URLSearchParams({ kind: field("kind").value, name: file.name.slice(-120) });
  return new Promise((resolve, reject) => {
    const asked = new XMLHttpRequest(); // fetch does not say how much has left
    asked.open("POST", `/api/v1/imports?${query}`);
    asked.setRequestHeader("Content-Type", "application/octet-stream");
    asked.responseType = "json";
    asked.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) bar.value = event.loaded / event.total;
    });
    asked.addEventListener("load", () => {
      if (asked.status === 401) turnToDoor();
      if (asked.status < 300) resolve(asked.response);
      else reject(new Error(asked.response?.error?.id ?? String(asked.status)));
    });
    asked.addEventListener("error", () => reject(new Error("network")));
    asked.send(file);
  });
}

/** @param {any} job @returns {string} */
function result(job) {
  const counted = job.counts.lines ? fill(own.counted, job.counts) : "";
  return [counted, job.reason && (own[job.reason] ?? job.reason)].filter(Boolean).join(" · ");
}

/** @param {any} job */
function row(job) {
  return el(
    "tr",
    {},
    el("td", {}, dayAndClock(job.at)),
    el("td", {}, own.kinds[job.kind]),
    el("td", { class: "wide" }, job.file_name || job.id),
    el("td", {}, person(job.by)),
    el("td", {}, el("span", { class: "tag", "data-is": job.state }, own.state[job.state])),
    el("td", { class: "wide" }, result(job)),
    el("td", {}, el("button", { type: "button", onclick: () => choose(job.id) }, own.open)),
  );
}

/** @param {string[]} names */
function head(names) {
  return el("thead", {}, el("tr", {}, names.map((name) => el("th", { scope: "col" }, name))));
}

/** @param {string} id */
function choose(id) {
  open = id;
  history.replaceState(null, "", `#${encodeURIComponent(id)}`);
  show();
}

async function show() {
  clearTimeout(timer);
  let goesOn = false;
  try {
    const [list, one] = await Promise.all([ask("/api/v1/imports"), open ? ask(`/api/v1/imports/${encodeURIComponent(open)}`) : null]);
    at("files").replaceChildren(...(list.imports.length ? [head([own.when, own.kind, own.name, own.by, words.webhooks.state, own.result, ""]), el("tbody", {}, list.imports.map(row))] : []));
    at("none").hidden = list.imports.length > 0;
    at("one").hidden = !one;
    if (one) showOne(one);
    page.dataset.state = "shown";
    goesOn = list.imports.some((/** @type {any} */ job) => GOES_ON.has(job.state));
  } catch (wrong) {
    if (wrong instanceof Error && wrong.message === "import-unknown") open = "";
    refuse(wrong);
    page.dataset.state = "refused";
  }
  if (goesOn) timer = setTimeout(show, LOOK_AGAIN_MS);
}

/** @param {any} job */
function showOne(job) {
  const isReady = job.state === "ready";
  const box = at("one");
  box.dataset.state = job.state;
  box.replaceChildren(
    el("h2", {}, `${own.kinds[job.kind]} · ${job.file_name || job.id} `, el("span", { class: "tag", "data-is": job.state }, own.state[job.state])),
    ...[
      job.same_as && el("p", { class: "same" }, fill(own.same, { at: dayAndClock(job.same_as) })),
      el("p", {}, result(job)),
      job.state === "reading" && el("progress", { "aria-label": own.state.reading }),
      (job.state === "taking-in" || job.state === "done") && job.to_do > 0 && el("div", {}, el("progress", { max: job.to_do, value: job.done, "aria-label": own.state["taking-in"] }), el("p", { class: "soft" }, fill(own.progress, job))),
      isReady && acts(job),
      job.counts.left_out > 0 && el("p", {}, el("a", { href: `/api/v1/imports/${job.id}/bad-rows.csv`, download: "" }, own.bad_rows)),
      ...problems(job),
      ...planned(job),
    ].filter((part) => part instanceof Node),
  );
}

/** @param {any} job */
function acts(job) {
  const bad = job.counts.left_out;
  if (bad && !job.may_leave_out) return el("div", { class: "acts" }, el("p", { class: "refused" }, own.must_correct), dropping(job));
  if (!job.to_do && !job.counts.removed) return el("div", { class: "acts" }, el("p", { class: "soft" }, own.no_change), dropping(job));
  const leave = /** @type {HTMLInputElement} */ (el("input", { type: "checkbox", onchange: () => button.toggleAttribute("disabled", bad > 0 && !leave.checked) }));
  const button = el("button", { type: "button", class: "primary", disabled: bad > 0, onclick: () => act(`/api/v1/imports/${job.id}/confirm`, { sha256: job.sha256, leave_out: leave.checked }) }, own.confirm);
  return el("div", { class: "acts" }, bad > 0 && el("label", { class: "tick" }, leave, " ", fill(own.leave_out, { n: bad })), button, dropping(job));
}

/** @param {any} job */
function dropping(job) {
  return el("button", { type: "button", onclick: () => act(`/api/v1/imports/${job.id}/drop`, {}) }, own.drop);
}

/** @param {string} address @param {any} body */
async function act(address, body) {
  at("refused").hidden = true;
  try {
    await ask(address, body);
  } catch (wrong) {
    refuse(wrong);
  }
  await show();
}

/** @param {number} shown @param {number} all */
function first(shown, all) {
  return shown < all && el("p", { class: "soft" }, fill(own.first, { n: shown, all }));
}

/** @param {any} job @returns {any[]} */
function problems(job) {
  if (!job.problems.length) return [];
  const rows = job.problems.map((/** @type {any} */ one) => el("tr", {}, el("td", { class: "number" }, one.line), el("td", {}, own.column_names[one.column] ?? one.column), el("td", { class: "wide" }, language === "en" ? one.english : one.chinese)));
  return [el("h3", {}, own.problems), first(job.problems.length, job.problem_count), el("div", { class: "scroll" }, el("table", { id: "problems" }, head([own.line, own.column, own.reason]), el("tbody", {}, rows)))];
}

/** @param {any} job @returns {any[]} */
function planned(job) {
  if (!job.planned.length && !job.removed_homes.length) return [];
  const rows = job.planned.map((/** @type {any} */ one) =>
    el("tr", {}, el("td", { class: "number" }, one.line), el("td", {}, own.whats[one.what]), el("td", {}, one.home), el("td", {}, one.name), el("td", { class: "wide" }, one.changes.map((/** @type {string} */ name) => own.column_names[name] ?? name).join("、"))),
  );
  return [
    el("h3", {}, own.planned),
    first(job.planned.length, job.to_do),
    rows.length > 0 && el("div", { class: "scroll" }, el("table", { id: "planned" }, head([own.line, own.what, own.home, own.person, own.changes]), el("tbody", {}, rows))),
    job.removed_homes.length > 0 && el("p", {}, `${own.removed}: ${job.removed_homes.join("、")}`),
  ];
}

function tellColumns() {
  const kind = field("kind").value;
  at("columns").textContent = own.columns[kind];
  /** @type {HTMLAnchorElement} */ (at("sample")).href = `/api/v1/imports/samples/${kind}.xlsx`;
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const file = field("file").files[0];
  const button = /** @type {HTMLButtonElement} */ (form.querySelector("button"));
  at("refused").hidden = true;
  if (!file) return;
  if (file.size > largest) {
    refuse(new Error("too-large"));
    return;
  }
  button.disabled = true;
  at("arriving").hidden = false;
  try {
    choose((await send(file)).id);
    form.reset();
    tellColumns();
  } catch (wrong) {
    refuse(wrong);
  } finally {
    button.disabled = false;
    at("arriving").hidden = true;
  }
});
form.addEventListener("change", tellColumns);
tellColumns();
show();
