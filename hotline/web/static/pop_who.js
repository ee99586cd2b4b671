// @ts-check
// Whose home it is: the homes to choose from, and below the pop the tools: find, add, note, mark.

import { ask } from "./ask.js";
import { el } from "./dom.js";
import { fill, words } from "./words.js";

/** @typedef {(pop: any) => void} Again */

/** @param {any} pop @param {string} what */
const addressOf = (pop, what) => `/api/v1/calls/${encodeURIComponent(pop.call_id)}/${what}`;

/**
 * The homes this number belongs to; the keys 1 to 9 choose while one of them has the focus.
 * @param {any} pop @param {Again} again
 * @returns {HTMLElement[]}
 */
export function drawChoices(pop, again) {
  if (pop.candidates.length < 2) return [];
  const said = words.pop;
  const chosen = pop.verdict === "chosen" ? pop.home?.id : null;
  const buttons = pop.candidates.map((/** @type {any} */ one, /** @type {number} */ place) =>
    el(
      "button",
      {
        type: "button",
        "data-key": `home-${one.home_id}-${one.resident_id}`,
        "aria-pressed": String(one.home_id === chosen && (pop.salutation === one.salutation || !pop.salutation)),
        onclick: async () => again(await ask(addressOf(pop, "home"), { home_id: one.home_id, resident_id: one.resident_id })),
      },
      place < 9 && el("kbd", {}, place + 1),
      el("b", {}, one.home),
      ` ${one.name} `,
      el("span", { class: "soft" }, said.relation[one.relation]),
      one.is_elderly_alone && el("span", { class: "tag alarm" }, said.elderly),
      one.open_matters > 0 && el("span", { class: "tag" }, fill(said.open_n, { n: one.open_matters })),
    ),
  );
  const group = el("div", { class: "pop-choices", role: "group", "aria-label": said.choose }, buttons);
  group.addEventListener("keydown", (event) => {
    const wanted = buttons[Number(event.key) - 1];
    if (!wanted || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    wanted.click();
  });
  return [group];
}

/**
 * What an agent may do about who calls; made once a call, so that nothing typed is lost when the pop is drawn anew.
 * @param {any} first @param {Again} again
 */
export function mountTools(first, again) {
  let pop = first;
  const said = words.pop;
  const told = el("p", { class: "pop-told small", role: "status" });
  const place = el("div", { class: "pop-tool" });
  const isStranger = ["unknown", "withheld"].includes(first.verdict);
  /** @param {() => HTMLElement} make */
  const open = (make) => () => {
    told.textContent = "";
    const tool = make();
    place.replaceChildren(tool, el("button", { type: "button", class: "quiet small", onclick: () => place.replaceChildren() }, said.close));
    /** @type {HTMLElement | null} */ (tool.querySelector("input, textarea, select, button"))?.focus();
  };
  /** Do it, say how it went, and draw the pop as it is then. @param {() => Promise<any>} act */
  const attempt = async (act) => {
    const tool = place.firstChild;
    try {
      await act();
      again(await ask(addressOf(pop, "pop")));
      if (place.firstChild === tool) place.replaceChildren(); // another that was opened meanwhile stays
      told.textContent = said.saved;
    } catch (wrong) {
      told.textContent = words.errors[/** @type {Error} */ (wrong).message] ?? words.errors.other;
    }
  };
  const noteKey = el("button", { type: "button", onclick: open(() => noteForm(() => pop, attempt)) }, said.note_add);
  const element = el(
    "section",
    { class: "pop-tools", "aria-label": said.tools },
    el(
      "div",
      { class: "pop-keys" },
      el("button", { type: "button", class: isStranger ? "primary" : null, onclick: open(() => findForm(() => pop, attempt)) }, isStranger ? said.find : said.other),
      el("button", { type: "button", onclick: open(() => addForm(() => pop, attempt)) }, said.add),
      noteKey,
      first.number && el("button", { type: "button", onclick: open(() => markForm(() => pop, attempt)) }, said.mark_this),
      first.number && el("button", { type: "button", onclick: open(() => revealForm(() => pop, told)) }, words.reveal),
    ),
    place,
    told,
  );
  const follow = (/** @type {any} */ changed) => {
    pop = changed;
    noteKey.hidden = !pop.home;
  };
  follow(first);
  return { element, follow };
}

/** @typedef {(act: () => Promise<any>) => Promise<void>} Attempt */

/** @param {() => any} pop @param {Attempt} attempt */
function findForm(pop, attempt) {
  const said = words.pop;
  const found = el("div", { class: "pop-found" });
  const search = async (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const asked = String(new FormData(/** @type {HTMLFormElement} */ (event.currentTarget)).get("q") ?? "").trim();
    if (!asked) return;
    try {
      const { residents } = await ask(`/api/v1/residents?q=${encodeURIComponent(asked)}`);
      const note = residents.length ? fill(said.find_some, { n: residents.length }) : said.find_none;
      found.replaceChildren(el("p", { class: "soft small", role: "status" }, note), ...residents.map((/** @type {any} */ one) => foundRow(one, pop, attempt)));
    } catch (wrong) {
      found.replaceChildren(el("p", { class: "refused", role: "status" }, words.errors[/** @type {Error} */ (wrong).message] ?? words.errors.other));
    }
  };
  return el(
    "form",
    { onsubmit: search },
    el("input", { type: "search", name: "q", maxlength: 200, "aria-label": said.find, placeholder: said.find_hint }),
    el("button", {}, words.search),
    found,
  );
}

/** @param {any} one @param {() => any} pop @param {Attempt} attempt */
function foundRow(one, pop, attempt) {
  const said = words.pop;
  const choose = () => attempt(() => ask(addressOf(pop(), "home"), { home_id: one.home_id, resident_id: one.resident_id }));
  const belongs = () => attempt(() => ask(`/api/v1/residents/${one.resident_id}/numbers`, { call_id: pop().call_id }));
  return el(
    "div",
    { class: "pop-found-row" },
    el("b", {}, one.home),
    el("span", {}, one.name || said.nobody_there),
    el("span", { class: "soft" }, said.relation[one.relation] ?? ""),
    el("span", { class: "number soft" }, one.numbers.join(" ")),
    el("button", { type: "button", onclick: choose }, said.choose_this),
    one.resident_id && pop().number && el("button", { type: "button", onclick: belongs }, said.belongs),
  );
}

/** @param {() => any} pop @param {Attempt} attempt */
function addForm(pop, attempt) {
  const said = words.pop;
  const save = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const typed = new FormData(/** @type {HTMLFormElement} */ (event.currentTarget));
    const body = {
      home: typed.get("home"),
      name: typed.get("name"),
      title: typed.get("title"),
      relation: typed.get("relation"),
      language: typed.get("language"),
      is_elderly_alone: typed.has("elderly"),
      adds_home: typed.has("new_home"),
      call_id: pop().call_id,
    };
    attempt(() => ask("/api/v1/residents", body));
  };
  return el(
    "form",
    { class: "pop-add", onsubmit: save },
    field(said.add_home, el("input", { name: "home", required: true, maxlength: 40, placeholder: "3-2-501", value: pop().home?.label ?? "" })),
    field(said.add_name, el("input", { name: "name", required: true, maxlength: 40, autocomplete: "off" })),
    field(said.add_title, choice("title", TITLES.map((title) => [title, title || said.untitled]))),
    field(said.add_relation, choice("relation", Object.entries(said.relation))),
    field(said.add_language, choice("language", Object.entries(said.speaks), "zh")),
    el("label", { class: "pop-tick" }, el("input", { type: "checkbox", name: "elderly" }), said.add_elderly),
    el("label", { class: "pop-tick" }, el("input", { type: "checkbox", name: "new_home" }), said.add_new_home),
    el("button", { class: "primary" }, said.add_save),
  );
}

const TITLES = ["", "\u5148\u751f", "\u5973\u58eb"]; // Mr and Ms, as the records have them

/** @param {() => any} pop @param {Attempt} attempt */
function noteForm(pop, attempt) {
  const said = words.pop;
  const save = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const text = new FormData(/** @type {HTMLFormElement} */ (event.currentTarget)).get("text");
    attempt(() => ask(`/api/v1/homes/${pop().home.id}/notes`, { text, call_id: pop().call_id }));
  };
  return el(
    "form",
    { onsubmit: save },
    el("textarea", { name: "text", required: true, maxlength: 500, rows: 2, "aria-label": said.notes, placeholder: said.note_hint }),
    el("button", { class: "primary" }, said.save),
  );
}

/** @param {() => any} pop @param {Attempt} attempt */
function markForm(pop, attempt) {
  const said = words.pop;
  const keys = Object.entries(said.mark).map(([mark, name]) => {
    const holds = !pop().marks.includes(mark);
    const act = (/** @type {Event} */ event) => {
      const form = /** @type {HTMLFormElement} */ (/** @type {HTMLElement} */ (event.currentTarget).closest("form"));
      const reason = String(new FormData(form).get("reason") ?? "");
      attempt(() => ask(addressOf(pop(), "mark"), { mark, holds, reason }));
    };
    return el("button", { type: "button", onclick: act }, holds ? name : fill(said.unmark, { mark: name }));
  });
  return el(
    "form",
    { onsubmit: (/** @type {Event} */ event) => event.preventDefault() },
    el("input", { name: "reason", maxlength: 200, "aria-label": said.reason, placeholder: said.reason }),
    ...keys,
  );
}

/** The caller's own number, whole, once a reason is given. @param {() => any} pop @param {HTMLElement} told */
function revealForm(pop, told) {
  const show = async (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const reason = new FormData(/** @type {HTMLFormElement} */ (event.currentTarget)).get("reason");
    try {
      told.textContent = (await ask(addressOf(pop(), "reveal"), { reason })).number;
    } catch (wrong) {
      told.textContent = words.errors[/** @type {Error} */ (wrong).message] ?? words.errors.other;
    }
  };
  return el(
    "form",
    { onsubmit: show },
    el("select", { name: "reason", "aria-label": words.reveal_why }, words.reveal_reasons.map((/** @type {string} */ reason) => el("option", {}, reason))),
    el("button", {}, words.reveal),
  );
}

/** @param {string} name @param {HTMLElement} input */
function field(name, input) {
  return el("label", { class: "pop-field" }, el("span", {}, name), input);
}

/** @param {string} name @param {[string, string][]} options @param {string} [chosen] */
function choice(name, options, chosen) {
  return el("select", { name }, options.map(([value, text]) => el("option", { value, selected: value === chosen }, text)));
}
