// @ts-check
// The page of prompts: each with its text and whether its sound says that text; listen, have a text spoken, send a file,
// record by telephone, go back.

import { ask } from "./ask.js";
import { at, el } from "./dom.js";
import { nameOf } from "./people.js";
import { dayAndClock } from "./times.js";
import { fill, words } from "./words.js";

const own = words.prompts;
const PHONE_LOOK = 3000; // ms; the desk takes in what was recorded by telephone within two seconds
const NOTICE = "recording-notice";

const page = at("prompts");
const form = /** @type {HTMLFormElement} */ (at("asked"));
const text = /** @type {HTMLTextAreaElement} */ (at("text"));
const player = /** @type {HTMLAudioElement} */ (at("player"));
const upload = /** @type {HTMLFormElement} */ (at("upload"));

/** @type {any[]} */
let prompts = [];
let chosen = "";
let busy = false;

/** @param {string} name @returns {any} a field of the form */
function field(name) {
  return form.elements.namedItem(name);
}

function language() {
  return field("language").value;
}

async function load() {
  take(await ask(`/api/v1/prompts?language=${language()}`));
}

/** @param {any} told */
function take(told) {
  if (told.language !== language()) return;
  prompts = told.prompts;
  drawList();
  drawOne();
}

function shown() {
  const part = field("find").value.trim().toLowerCase();
  return prompts.filter(
    (one) => (!field("amiss").checked || one.fit !== "fits") && (!part || `${one.id} ${one.text}`.toLowerCase().includes(part)),
  );
}

function drawList() {
  const count = (/** @type {string} */ fit) => prompts.filter((one) => one.fit === fit).length;
  at("tally").textContent = fill(own.tally, { all: prompts.length, old: count("old"), missing: count("missing") });
  /** @type {HTMLElement} */ (at("list").querySelector("tbody")).replaceChildren(...shown().map(row));
}

/** @param {any} one */
function row(one) {
  return el(
    "tr",
    { "data-prompt": one.id, "aria-current": one.id === chosen && "true" },
    el("td", {}, tag(one)),
    el("td", {}, el("code", {}, one.id)),
    el("td", {}, one.text),
    el("td", { class: "number" }, one.seconds === null ? "" : one.seconds.toFixed(1)),
    el("td", {}, one.is_own ? own.source.own : one.seconds === null ? "" : own.source.rendered),
    el("td", {}, el("button", { type: "button", onclick: () => choose(one.id), "aria-label": fill(own.open_named, { id: one.id }) }, own.open)),
  );
}

/** @param {any} one */
function tag(one) {
  return el("span", { class: "tag", "data-fit": one.fit }, own.fit[one.fit]);
}

/** @param {string} id */
function choose(id) {
  chosen = id;
  const one = prompts.find((each) => each.id === id);
  text.value = one?.text ?? "";
  player.removeAttribute("src");
  player.load();
  refuse("");
  upload.reset();
  drawList();
  drawOne();
  at("one").focus({ preventScroll: matchMedia("(min-width: 1001px)").matches }); // beside the list, else below it
}

function drawOne() {
  const one = prompts.find((each) => each.id === chosen);
  at("one").hidden = !one;
  if (!one) return;
  at("one-id").textContent = one.id;
  at("one-fit").textContent = own.fit[one.fit];
  at("one-fit").dataset.fit = one.fit;
  at("one-made").textContent = one.kept ? made(one.kept) : one.is_own ? own.own_unknown : one.seconds === null ? own.none : own.rendered;
  at("shipped").textContent = one.shipped && one.shipped !== one.text ? fill(own.shipped, { text: one.shipped }) : "";
  at("notice-hint").hidden = one.id !== NOTICE;
  at("phone").textContent = [
    one.number ? fill(own.dial, { number: one.number }) : own.no_number,
    one.is_recording ? own.is_recording : "",
    one.refused ? fill(own.phone_refused, { why: own.faults[one.refused] ?? own.faults.other }) : "",
  ].join(" ");
  at("former").replaceChildren(
    ...one.former.map((/** @type {any} */ kept, /** @type {number} */ n) =>
      el("li", {}, kept ? made(kept) : own.own_unknown, " ", el("button", { type: "button", onclick: () => play(n + 1) }, own.listen)),
    ),
    ...(one.former.length ? [] : [el("li", { class: "soft" }, own.no_former)]),
  );
  if (!player.getAttribute("src") && one.seconds !== null) player.src = address(one, 0);
  /** @type {HTMLButtonElement} */ (at("back-former")).disabled = busy || !one.former.length;
  /** @type {HTMLButtonElement} */ (at("back-rendered")).disabled = busy || !one.is_own || one.id.startsWith("site/");
  for (const id of ["save", "try", "speak"]) /** @type {HTMLButtonElement} */ (at(id)).disabled = busy;
}

/** @param {any} kept */
function made(kept) {
  return fill(own.made[kept.way], { by: nameOf(kept.by), at: dayAndClock(kept.at), n: kept.seconds.toFixed(1) });
}

/** The address changes with the sound, so that a player never keeps an old one. @param {any} one @param {number} former */
function address(one, former) {
  const kept = former ? one.former[former - 1] : one.kept;
  return `/api/v1/prompts/sound?${new URLSearchParams({ language: language(), id: one.id, former: String(former) })}#${kept?.at ?? ""}`;
}

/** @param {number} former 0: what is played now */
function play(former) {
  const one = prompts.find((each) => each.id === chosen);
  player.src = address(one, former);
  player.play().catch(() => undefined);
}

/** @param {string} said */
function refuse(said) {
  at("refused").textContent = said;
  at("refused").hidden = !said;
}

/** @param {() => Promise<any>} act what answers with the list, or with nothing */
async function doing(act) {
  refuse("");
  busy = true;
  page.dataset.state = "busy";
  drawOne();
  try {
    const told = await act();
    if (told) {
      player.removeAttribute("src");
      take(told);
    }
  } catch (wrong) {
    const { message, details } = /** @type {Error & { details?: any }} */ (wrong);
    if (message === "prompt-text-changed") {
      refuse(fill(own.text_changed, { by: nameOf(details.by), text: details.text }));
      await load().catch(() => undefined);
    } else if (message === "own-recording-refused") refuse(own.faults[details?.fault] ?? own.faults.other);
    else refuse(own.refused[message] ?? words.errors[message] ?? words.errors.other);
  }
  busy = false;
  page.dataset.state = "shown";
  drawOne();
}

function written() {
  const one = prompts.find((each) => each.id === chosen);
  return { language: language(), id: chosen, text: text.value.trim(), edition: one?.edition ?? 0 };
}

at("save").addEventListener("click", () => doing(() => ask("/api/v1/prompts/text", written(), "PUT")));
at("speak").addEventListener("click", () => doing(() => ask("/api/v1/prompts/speak", written())));
at("try").addEventListener("click", () =>
  doing(async () => {
    const { language: spoken, text: said } = written();
    const tried = await ask("/api/v1/prompts/try", { language: spoken, text: said });
    player.src = `/api/v1/prompts/tried?name=${tried.name}`;
    player.play().catch(() => undefined);
  }),
);
upload.addEventListener("submit", (event) => {
  event.preventDefault();
  const file = /** @type {HTMLInputElement} */ (upload.elements.namedItem("file")).files?.[0];
  if (file) doing(() => send(file));
});
at("back-former").addEventListener("click", () => back("former"));
at("back-rendered").addEventListener("click", () => back("rendered"));

/** @param {string} to */
function back(to) {
  doing(() => ask("/api/v1/prompts/back", { language: language(), id: chosen, to }));
}

/** @param {File} file */
async function send(file) {
  const query = new URLSearchParams({ language: language(), id: chosen });
  const answer = await fetch(`/api/v1/prompts/sound?${query}`, {
    method: "PUT",
    headers: { "Content-Type": "application/octet-stream" },
    body: file,
  });
  const told = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(told.error?.id ?? String(answer.status)), { details: told.error?.details });
  upload.reset();
  return told;
}

field("language").addEventListener("change", () => {
  chosen = "";
  doing(load);
});
form.addEventListener("input", drawList);
form.addEventListener("submit", (event) => event.preventDefault());
// While one is open somebody may be recording it by telephone.
setInterval(() => {
  if (chosen && !busy && document.visibilityState === "visible" && prompts.find((one) => one.id === chosen)?.number) {
    ask(`/api/v1/prompts?language=${language()}`)
      .then((told) => {
        const [was, now] = [prompts, told.prompts].map((all) => JSON.stringify(all.find((/** @type {any} */ one) => one.id === chosen)));
        if (!busy && was !== now) {
          player.removeAttribute("src");
          take(told);
        }
      })
      .catch(() => undefined);
  }
}, PHONE_LOOK);
doing(load);
