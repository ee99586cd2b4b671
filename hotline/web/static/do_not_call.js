// @ts-check
// The do-not-call list: marked numbers and homes, found, put, and lifted with a reason. Nothing of it is deleted.

import { ask } from "./ask.js";
import { at, el } from "./dom.js";
import { nameOf, person } from "./people.js";
import { dayAndClock } from "./times.js";
import { fill, words } from "./words.js";

const own = words.do_not_call;
const NUMBERS = "/api/v1/number-marks";
const HOUSEHOLDS = "/api/v1/household-marks";
const OF_NUMBER = ["do-not-call", "wrong-number"];
const page = at("list");
const putting = /** @type {HTMLFormElement} */ (at("put"));
const finding = /** @type {HTMLFormElement} */ (at("find"));
const hasHouseholds = page.dataset.households === "yes";
const cursors = { numbers: "", households: "" };

/** @param {string} name @returns {any} */
function asked(name) {
  return finding.elements.namedItem(name);
}

async function read() {
  await Promise.all([readNumbers(false), hasHouseholds && readHouseholds(false)]);
  page.dataset.state = "shown";
}

/** @param {boolean} more */
async function readNumbers(more) {
  const query = { word: asked("word").value.trim(), lifted: String(asked("lifted").checked), cursor: more ? cursors.numbers : "" };
  const found = await ask(`${NUMBERS}?${new URLSearchParams(query)}`);
  const rows = found.marks.map((/** @type {any} */ one) => row(one, one.number, one.holds, (reason) => ask(`${NUMBERS}/${one.id}/lift`, { reason })));
  put("numbers", rows, more, found.next_cursor);
}

/** @param {boolean} more */
async function readHouseholds(more) {
  const word = asked("word").value.trim();
  const query = { household: word, lifted: String(asked("lifted").checked), cursor: more ? cursors.households : "" };
  // The last digits of a number name no household: then there is none to show.
  const found = await ask(`${HOUSEHOLDS}?${new URLSearchParams(query)}`).catch((wrong) => {
    if (wrong.message !== "household-mark-refused") throw wrong;
    return { marks: [], next_cursor: null };
  });
  const rows = found.marks.map((/** @type {any} */ one) =>
    row(one, one.household, !one.lifted_at, (reason) => ask(`${HOUSEHOLDS}/${one.id}?${new URLSearchParams({ reason })}`, {}, "DELETE").catch(nothingTold)),
  );
  put("households", rows, more, found.next_cursor);
}

/** @param {"numbers" | "households"} what @param {HTMLElement[]} rows @param {boolean} more @param {string | null} next */
function put(what, rows, more, next) {
  const body = at(what).querySelector("tbody");
  if (more) body?.append(...rows);
  else body?.replaceChildren(...(rows.length ? rows : [el("tr", {}, el("td", { colspan: 5, class: "empty" }, own.none))]));
  cursors[what] = next ?? "";
  at(`older-${what}`).hidden = !next;
}

/** @param {any} one @param {string} whose @param {boolean} stands @param {(reason: string) => Promise<any>} lift */
function row(one, whose, stands, lift) {
  const why = /** @type {HTMLInputElement} */ (el("input", { required: true, minlength: 2, maxlength: 200, "aria-label": own.lift_reason, placeholder: own.lift_reason }));
  const lifted = one.lifted_at ? ` · ${fill(own.lifted, { who: nameOf(one.lifted_by), at: dayAndClock(one.lifted_at), why: one.lifted_why })}` : stands ? "" : ` · ${own.lifted_tag}`;
  return el(
    "tr",
    { "data-id": one.id, "data-lifted": String(!stands) },
    el("td", { class: "number" }, whose),
    el("td", {}, own.marks[one.mark] ?? one.mark),
    el("td", {}, one.by === "key" ? own.key : person(one.by), ` ${dayAndClock(one.at)}`),
    el("td", { class: "wide" }, one.reason, lifted),
    el(
      "td",
      {},
      stands &&
        el(
          "form",
          {
            class: "acts",
            onsubmit: (/** @type {Event} */ event) => {
              event.preventDefault();
              attempt(() => lift(why.value));
            },
          },
          why,
          el("button", {}, own.lift),
        ),
    ),
  );
}

/** @param {() => Promise<any>} act */
async function attempt(act) {
  const refused = at("refused");
  refused.hidden = true;
  try {
    await act();
    await read();
    return true;
  } catch (wrong) {
    refused.textContent = own.refused[/** @type {Error} */ (wrong).message] ?? own.refused.other;
    refused.hidden = false;
    return false;
  }
}

/** An answer without a body is none that can be read. @param {unknown} wrong */
function nothingTold(wrong) {
  if (!(wrong instanceof SyntaxError)) throw wrong;
}

putting.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { place, mark, reason } = /** @type {any} */ (Object.fromEntries(new FormData(putting)));
  const done = await attempt(() => (OF_NUMBER.includes(mark) ? ask(NUMBERS, { number: place, mark, reason }) : ask(HOUSEHOLDS, { household: place, mark, reason })));
  if (done) putting.reset();
});
finding.addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(async () => {});
});
asked("lifted").addEventListener("change", () => attempt(async () => {}));
at("older-numbers").addEventListener("click", () => readNumbers(true));
if (hasHouseholds) at("older-households").addEventListener("click", () => readHouseholds(true));
attempt(async () => {});
