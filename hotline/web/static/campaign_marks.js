// @ts-check
// Marks of a household and of its numbers: who is not reminded, or not called, who said so, when and why; put and lifted.

import { ask } from "./ask.js";
import { shown } from "./campaign_people.js";
import { el } from "./dom.js";
import { dayAndClock } from "./times.js";
import { fill, words } from "./words.js";

const own = words.campaigns.marks;
const HERE = "/api/v1/household-marks";
const OF_HOME = ["hardship", "disputed", "opted-out"];
const OF_NUMBER = ["do-not-call", "wrong-number"];

/**
 * @param {HTMLElement} box
 * @param {(id: string) => void} refused is told the error's stable id, "" once all is well
 */
export function mountMarks(box, refused) {
  let place = ""; // whose marks are shown; "" all that stand
  const asked = /** @type {HTMLInputElement} */ (el("input", { type: "search", maxlength: 40, "aria-label": own.hint, placeholder: own.hint }));
  const lifted = /** @type {HTMLInputElement} */ (el("input", { type: "checkbox", onchange: () => read() }));
  const list = el("div", { "aria-live": "polite" });
  const putting = el("div");
  box.replaceChildren(
    el(
      "form",
      {
        class: "campaign-form",
        onsubmit: (/** @type {Event} */ event) => {
          event.preventDefault();
          place = asked.value.trim();
          read();
        },
      },
      asked,
      el("button", { class: "primary" }, own.find),
      el("button", { type: "button", onclick: () => { asked.value = place = ""; read(); } }, own.all),
      el("label", { class: "tick" }, lifted, ` ${own.with_lifted}`),
    ),
    list,
    putting,
  );
  read();

  async function read() {
    await attempt(async () => show(await ask(`${HERE}?${new URLSearchParams({ household: place, lifted: String(lifted.checked), limit: "100" })}`)));
  }

  /** @param {() => Promise<any>} act */
  async function attempt(act) {
    try {
      await act();
      refused("");
    } catch (wrong) {
      refused(/** @type {Error} */ (wrong).message);
    }
  }

  /** @param {any} page */
  function show(page) {
    const numbers = page.number_marks.filter((/** @type {any} */ one) => one.holds || lifted.checked);
    const rows = [...page.marks.map(ofHome), ...numbers.map(ofNumber)];
    list.replaceChildren(rows.length ? el("ul", { class: "marks" }, rows) : el("p", { class: "none-yet" }, own.none));
    putting.replaceChildren(...(place ? [putForm(page)] : []));
  }

  /** @param {any} one */
  function ofHome(one) {
    return row(one, one.household, one.lifted_at ? null : (reason) => ask(`${HERE}/${one.id}?${new URLSearchParams({ reason })}`, {}, "DELETE").catch(nothingTold));
  }

  /** @param {any} one */
  function ofNumber(one) {
    return row(one, fill(own.number, { number: one.number }), one.holds ? (reason) => markNumber(one.number, one.mark, false, reason) : null);
  }

  /** @param {string} number @param {string} mark @param {boolean} holds @param {string} reason */
  function markNumber(number, mark, holds, reason) {
    return ask(`${HERE}/numbers`, { household: place, number, mark, holds, reason });
  }

  /** @param {any} one @param {string} whose @param {((reason: string) => Promise<any>) | null} lift */
  function row(one, whose, lift) {
    const why = /** @type {HTMLInputElement} */ (el("input", { required: true, minlength: 2, maxlength: 200, "aria-label": own.reason, placeholder: own.reason }));
    const by = one.by === "key" ? own.key : shown(one.by);
    return el(
      "li",
      { "data-lifted": lift === null },
      el("b", {}, whose),
      el("span", { class: "tag", "data-is": lift ? "late" : null }, own.mark[one.mark] ?? one.mark),
      el("span", {}, [by, dayAndClock(one.at), one.reason, one.until && fill(own.until, { at: dayAndClock(one.until) })].filter(Boolean).join(" · ")),
      one.lifted_at && el("span", { class: "soft" }, fill(own.lifted, { who: shown(one.lifted_by), at: dayAndClock(one.lifted_at), why: one.lifted_why })),
      lift &&
        el(
          "form",
          {
            onsubmit: (/** @type {Event} */ event) => {
              event.preventDefault();
              attempt(() => lift(why.value)).then(read);
            },
          },
          why,
          el("button", {}, own.lift),
        ),
    );
  }

  /** @param {any} page */
  function putForm(page) {
    const options = [
      ...OF_HOME.map((mark) => el("option", { value: `home ${mark}` }, `${own.of_home}: ${own.mark[mark]}`)),
      ...page.numbers.flatMap((/** @type {string} */ number) => OF_NUMBER.map((mark) => el("option", { value: `${number} ${mark}` }, `${number}: ${own.mark[mark]}`))),
    ];
    const what = /** @type {HTMLSelectElement} */ (el("select", { name: "mark", "aria-label": own.what }, options));
    const why = /** @type {HTMLInputElement} */ (el("input", { name: "reason", required: true, minlength: 2, maxlength: 200, "aria-label": own.reason, placeholder: own.reason }));
    return el(
      "form",
      {
        class: "campaign-form",
        onsubmit: (/** @type {Event} */ event) => {
          event.preventDefault();
          const [whose, mark] = what.value.split(" ");
          const put = whose === "home" ? ask(HERE, { household: place, mark, reason: why.value }) : markNumber(whose, mark, true, why.value);
          attempt(() => put).then(read);
        },
      },
      el("b", {}, place),
      what,
      why,
      el("button", { class: "primary" }, own.put),
    );
  }
}

/** An answer without a body is none that can be read. @param {unknown} wrong */
function nothingTold(wrong) {
  if (!(wrong instanceof SyntaxError)) throw wrong;
}
