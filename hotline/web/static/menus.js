// @ts-check
// The page of menus: what leads callers as a picture, the draft as text, checked, compared, activated, and the way back.
// What is typed stays in this tab until it is saved: a sign-in or a reload in between loses nothing.

import { ask } from "./ask.js";
import { at, el } from "./dom.js";
import { goToLine, picture, showLines, showProblems, showRows } from "./menu_parts.js";
import { nameOf, person } from "./people.js";
import { dayAndClock } from "./times.js";
import { fill, words } from "./words.js";

const own = words.menus;
const TYPED = "menus-typed";
const CHECK_AFTER = 800; // ms without a key

const page = at("menus");
const text = /** @type {HTMLTextAreaElement} */ (at("text"));
const note = /** @type {HTMLFormElement} */ (at("activation"));

/** @type {any} what the server said last */
let told = null;
/** @type {any} what it said of the text that stands here */
let looked = null;
let seen = { edition: 0, base: 0, text: "" }; // the draft this page's text was begun from
let shows = "in-force";
let asked = 0;
let pause = 0;

async function load() {
  told = await ask("/api/v1/menus");
  begin(told.draft);
  const typed = left();
  if (typed && typed.text !== seen.text) {
    seen = { ...seen, edition: typed.edition, base: typed.base };
    text.value = typed.text;
  }
  drawState();
  text.disabled = false;
  await Promise.all([look(), history()]);
  page.dataset.state = "shown";
}

/** Begin from what the server has. @param {any} draft */
function begin(draft) {
  seen = { edition: draft.edition, base: draft.base, text: draft.text };
  text.value = draft.text;
}

/** @returns {{ text: string, edition: number, base: number } | null} what was typed in this tab and not saved */
function left() {
  try {
    return JSON.parse(sessionStorage.getItem(TYPED) ?? "null");
  } catch {
    return null;
  }
}

function drawState() {
  const { in_force: version, draft } = told;
  at("in-force").textContent = fill(version.by ? own.in_force : own.in_force_file, {
    n: version.number,
    label: version.label,
    at: dayAndClock(version.at),
    by: nameOf(version.by),
  });
  at("trouble").hidden = !told.trouble;
  at("trouble").textContent = fill(own.trouble, { why: told.trouble });
  at("names-queues").replaceChildren(own.queues, ...told.queues.map((/** @type {string} */ name) => el("code", {}, `queue:${name}`)));
  at("names-prompts").replaceChildren(own.prompts, ...told.prompts.map((/** @type {string} */ name) => el("code", {}, name)));
  if (draft.by && draft.base !== version.number) refuse(fill(own.base_old, { n: draft.base, now: version.number }));
}

/** Ask what the text that stands here would do. */
async function look() {
  const mine = ++asked;
  const found = await ask("/api/v1/menus/check", { text: text.value });
  if (mine !== asked) return;
  looked = found;
  showProblems(at("problems"), found.problems, (line) => goToLine(text, line));
  draw();
}

function isTyped() {
  return text.value !== seen.text;
}

function draw() {
  const isWrong = Boolean(looked?.problems.length);
  const state = isWrong ? "wrong" : isTyped() ? "typed" : looked?.rows.length ? "saved" : "same";
  const tag = at("draft-state");
  tag.dataset.is = state;
  tag.textContent = isWrong ? fill(own.state.wrong, { n: looked.problems.length }) : own.state[state];
  const wrong = new Set((looked?.problems ?? []).map((/** @type {any} */ one) => one.line));
  showLines(at("lines"), text.value, wrong);
  at("lines").scrollTop = text.scrollTop;
  /** @type {HTMLButtonElement} */ (at("save")).disabled = !isTyped();
  /** @type {HTMLButtonElement} */ (at("activate")).disabled = isWrong || !looked?.rows.length;
  /** @type {HTMLButtonElement} */ (at("drop")).disabled = !isTyped() && !looked?.rows.length;
  for (const tab of document.querySelectorAll("[data-shows]")) {
    tab.setAttribute("aria-pressed", String(/** @type {HTMLElement} */ (tab).dataset.shows === shows));
  }
  at("picture").hidden = shows === "compared";
  at("compared").hidden = shows !== "compared";
  if (shows === "compared") showRows(at("compared"), looked?.rows ?? []);
  else at("picture").replaceChildren(picture(shows === "draft" ? (looked?.svg ?? "") : told.svg));
}

/** @param {string} said */
function refuse(said) {
  at("refused").textContent = said;
  at("refused").hidden = !said;
}

/** Do it; whatever is refused is said, and a conflict shown with both texts. @param {() => Promise<void>} act */
async function doing(act) {
  refuse("");
  page.dataset.state = "busy";
  try {
    await act();
  } catch (wrong) {
    const { message, details } = /** @type {Error & { details?: any }} */ (wrong);
    if (message === "menus-changed") await conflict(details);
    else if (message === "menu-refused") {
      showProblems(at("problems"), details.problems, (line) => goToLine(text, line));
      refuse(own.refused[message]);
    } else refuse(own.refused[message] ?? words.errors[message] ?? words.errors.other);
  }
  page.dataset.state = "shown";
}

async function save() {
  const mine = text.value;
  const saved = await ask("/api/v1/menus/draft", { text: mine, edition: seen.edition, base: told.in_force.number }, "PUT");
  sessionStorage.removeItem(TYPED);
  at("conflict").hidden = true;
  const typedOn = text.value !== mine;
  seen = { edition: saved.edition, base: saved.base, text: saved.text };
  if (!typedOn) text.value = saved.text;
  await Promise.all([look(), drafts()]);
}

async function activate() {
  if (isTyped()) await save();
  const field = /** @type {HTMLInputElement} */ (note.elements.namedItem("note"));
  await ask("/api/v1/menus/activate", { edition: seen.edition, in_force: told.in_force.number, note: field.value });
  field.value = "";
  note.hidden = true;
  await load();
}

/** @param {number} number */
async function goBack(number) {
  const why = fill(own.back_note, { n: number });
  await ask(`/api/v1/menus/versions/${number}/activate`, { in_force: told.in_force.number, note: why });
  const typed = isTyped() ? { text: text.value, edition: seen.edition, base: seen.base } : null;
  if (typed) sessionStorage.setItem(TYPED, JSON.stringify(typed));
  await load();
}

/** Show both texts; nothing of either is lost. @param {any} theirs */
async function conflict(theirs) {
  const mine = text.value;
  const isDraft = theirs.edition !== seen.edition; // else the menus in force were changed
  const other = isDraft ? theirs.text : theirs.in_force_text;
  const beside = await ask("/api/v1/menus/check", { text: mine, against: other });
  showRows(at("conflict-rows"), beside.rows);
  told = await ask("/api/v1/menus");
  drawState();
  const who = isDraft && told.draft.by ? told.draft : told.in_force;
  at("conflict-who").textContent = fill(who === told.draft ? own.conflict.who : own.conflict.in_force, {
    by: nameOf(who.by) || own.by_hand,
    at: dayAndClock(who.at),
    n: told.in_force.number,
  });
  at("keep-mine").hidden = false;
  at("set-aside").hidden = true;
  at("keep-mine").onclick = () =>
    doing(async () => {
      seen = { edition: theirs.edition, base: theirs.in_force, text: theirs.text };
      await save();
    });
  at("take-theirs").onclick = () =>
    doing(async () => {
      sessionStorage.removeItem(TYPED);
      /** @type {HTMLTextAreaElement} */ (at("aside")).value = mine;
      at("set-aside").hidden = false;
      at("set-aside").setAttribute("open", "");
      seen = { edition: theirs.edition, base: theirs.in_force, text: theirs.text };
      text.value = other;
      at("keep-mine").hidden = true;
      await look();
    });
  at("conflict").hidden = false;
  at("conflict").focus();
}

/** @param {number | null} [before] */
async function history(before = null) {
  const found = await ask(`/api/v1/menus/versions${before ? `?before=${before}` : ""}`);
  const body = /** @type {HTMLElement} */ (at("versions").querySelector("tbody"));
  const rows = found.versions.map(versionRow);
  if (before) body.append(...rows);
  else body.replaceChildren(...rows);
  at("older").hidden = !found.before;
  at("older").onclick = () => doing(() => history(found.before));
  if (!before) await drafts();
}

/** @param {any} version */
function versionRow(version) {
  const isInForce = version.number === told.in_force.number;
  const how = fill(own.origin[version.origin], { n: version.of ?? "" });
  const see = el("button", { type: "button", onclick: () => doing(() => showVersion(version.number)) }, own.see);
  const back = el("button", { type: "button", "data-back": version.number, onclick: () => doing(() => goBack(version.number)) }, own.go_back);
  return el(
    "tr",
    { "data-version": version.number, "data-is": isInForce ? "in-force" : "before" },
    el("td", { class: "number" }, version.number),
    el("td", {}, version.label, isInForce && el("span", { class: "tag", "data-is": "confirmed" }, own.now)),
    el("td", { class: "number" }, dayAndClock(version.at)),
    el("td", {}, version.by ? person(version.by) : own.by_hand),
    el("td", {}, how),
    el("td", {}, version.note),
    el("td", {}, isInForce ? "" : [see, " ", back]),
  );
}

/** @param {number} number an older version, laid beside the one in force */
async function showVersion(number) {
  const found = await ask(`/api/v1/menus/versions/${number}`);
  shows = "compared";
  draw();
  showRows(at("compared"), found.rows);
  at("compared").prepend(el("p", { class: "soft" }, fill(own.compares, { n: number, now: told.in_force.number })));
  at("compared").focus();
}

async function drafts() {
  const found = await ask("/api/v1/menus/drafts");
  at("drafts").hidden = !found.drafts.length;
  at("drafts")
    .querySelector("ul")
    ?.replaceChildren(
      ...found.drafts.map((/** @type {any} */ one) =>
        el(
          "li",
          {},
          fill(own.draft_saved, { n: one.edition, at: dayAndClock(one.at), by: nameOf(one.by) }),
          " ",
          el("button", { type: "button", onclick: () => bring(one.text) }, own.bring),
        ),
      ),
    );
}

/** Bring a text into the editor; it is saved by whoever wants it. @param {string} brought */
function bring(brought) {
  text.value = brought;
  typed();
}

function typed() {
  if (isTyped()) sessionStorage.setItem(TYPED, JSON.stringify({ text: text.value, edition: seen.edition, base: seen.base }));
  else sessionStorage.removeItem(TYPED);
  draw();
  clearTimeout(pause);
  pause = setTimeout(() => look().catch(() => undefined), CHECK_AFTER);
}

text.addEventListener("input", typed);
text.addEventListener("scroll", () => (at("lines").scrollTop = text.scrollTop));
at("check").addEventListener("click", () => doing(look));
at("save").addEventListener("click", () => doing(save));
at("drop").addEventListener("click", () => bring(told.text));
at("activate").addEventListener("click", () => {
  note.hidden = false;
  /** @type {HTMLElement} */ (note.elements.namedItem("note")).focus();
});
at("not-now").addEventListener("click", () => (note.hidden = true));
note.addEventListener("submit", (event) => {
  event.preventDefault();
  doing(activate);
});
for (const tab of document.querySelectorAll("[data-shows]")) {
  tab.addEventListener("click", () => {
    shows = /** @type {HTMLElement} */ (tab).dataset.shows ?? "in-force";
    draw();
  });
}
doing(load);
