// @ts-check
// The page of staff: who may sign in, as what, on which phone, with which skills; each change holds at once.

import { ask } from "./ask.js";
import { at, el } from "./dom.js";
import { fill, words } from "./words.js";

const own = words.staff;
const HERE = "/api/v1/staff";
const ROLES = ["agent", "supervisor", "admin", "wall"];

const page = at("staff");
const form = /** @type {HTMLFormElement} */ (at("add"));
const withLeft = /** @type {HTMLInputElement} */ (at("with-left"));
/** @type {{people: any[], phones: string[], skills: string[]}} */
let staff = { people: [], phones: [], skills: [] };
let editing = ""; // whose row is a form
let asking = ""; // "name act": which act is to be confirmed

async function read() {
  staff = await ask(HERE);
  at("phones").replaceChildren(...staff.phones.map((phone) => el("option", { value: phone })));
  show();
}

function show() {
  const seen = staff.people.filter((one) => withLeft.checked || one.state !== "left");
  at("people").querySelector("tbody")?.replaceChildren(...seen.map((one) => (one.name === editing ? editRow(one) : row(one))));
  page.dataset.state = "shown";
}

/** Do something and read again; what is refused is said. @param {() => Promise<any>} act */
async function attempt(act) {
  const refused = at("refused");
  refused.hidden = true;
  const asked = asking;
  try {
    await act();
    if (asking === asked) asking = ""; // what is being confirmed by now is another act's
    await read();
  } catch (wrong) {
    const { message, details } = /** @type {any} */ (wrong);
    const [field] = Object.keys(details?.fields ?? {});
    refused.textContent = own.refused[field && own.refused[`${message} ${field}`] ? `${message} ${field}` : message] ?? own.refused.other;
    refused.hidden = false;
  }
}

/** @param {string} name @param {string} password */
function tell(name, password) {
  const told = at("told");
  const [before, after] = fill(own.password_told, { name }).split("…");
  told.replaceChildren(before ?? "", el("code", {}, password), after ?? "");
  told.hidden = false;
}

/** @param {any} one */
function row(one) {
  const mine = one.name === page.dataset.me;
  return el(
    "tr",
    { "data-name": one.name, "data-state": one.state },
    el("td", {}, el("b", {}, one.display_name || one.name), " ", el("span", { class: "soft" }, one.name), mine && el("span", { class: "tag" }, own.me)),
    el("td", {}, own.roles[one.role]),
    el("td", { class: "number" }, one.extension),
    el("td", { class: "wide" }, one.is_agent ? (one.skills === null ? own.every_skill : one.skills.join(" · ") || own.no_skill) : ""),
    el("td", {}, el("span", { class: "tag", "data-is": one.state }, own.states[one.state]), one.must_change && el("span", { class: "tag", "data-is": "draft" }, own.must_change)),
    el("td", {}, el("div", { class: "acts" }, one.state === "active" && button(own.edit, () => edit(one.name)), ...acts(one))),
  );
}

/** @param {any} one @returns {(HTMLElement | false)[]} */
function acts(one) {
  const state = (/** @type {string} */ wanted) => () => attempt(() => ask(`${HERE}/${encodeURIComponent(one.name)}/state`, { state: wanted }));
  const password = () =>
    attempt(async () => {
      const made = await ask(`${HERE}/${encodeURIComponent(one.name)}/password`, {});
      tell(one.name, made.password);
    });
  if (one.state !== "active") return [button(own.let_in, state("active")), one.state === "blocked" && sure(one.name, "leave", own.leave, own.leave_sure, state("left"))];
  return [
    sure(one.name, "password", own.new_password, own.new_password_sure, password),
    sure(one.name, "block", own.block, own.block_sure, state("blocked")),
    sure(one.name, "leave", own.leave, own.leave_sure, state("left")),
  ];
}

/** A button that asks once more. @param {string} name @param {string} what @param {string} text @param {string} again @param {() => any} act */
function sure(name, what, text, again, act) {
  const key = `${name} ${what}`;
  if (asking !== key) return button(text, () => { asking = key; show(); focus(name, again); }, "quiet");
  return button(again, act, "primary");
}

/** @param {string} name @param {string} text */
function focus(name, text) {
  for (const one of page.querySelectorAll(`tr[data-name="${CSS.escape(name)}"] button`)) {
    if (one instanceof HTMLElement && one.textContent === text) one.focus();
  }
}

/** @param {string} text @param {() => any} act @param {string} [look] */
function button(text, act, look) {
  return el("button", { type: "button", class: look, onclick: act }, text);
}

/** @param {string} name */
function edit(name) {
  editing = name;
  asking = "";
  show();
  const first = page.querySelector(".editing select");
  if (first instanceof HTMLElement) first.focus();
}

/** @param {any} one */
function editRow(one) {
  const role = /** @type {HTMLSelectElement} */ (el("select", { name: "role" }, ROLES.map((name) => el("option", { value: name, selected: name === one.role }, own.roles[name]))));
  const shown = /** @type {HTMLInputElement} */ (el("input", { name: "display_name", maxlength: 40, value: one.display_name }));
  const phone = /** @type {HTMLInputElement} */ (el("input", { name: "extension", maxlength: 6, pattern: "[0-9]{3,6}", inputmode: "numeric", value: one.extension, list: "phones" }));
  const skills = one.is_agent ? skillFields(one.skills) : null;
  const save = async () => {
    await ask(`${HERE}/${encodeURIComponent(one.name)}`, { role: role.value, display_name: shown.value, extension: phone.value }, "PUT");
    if (skills && phone.value === one.extension) await ask(`${HERE}/skills/${one.extension}`, { skills: skills.chosen() }, "PUT");
    editing = "";
  };
  const fields = el(
    "form",
    {
      class: "editing",
      onsubmit: (/** @type {Event} */ event) => {
        event.preventDefault();
        attempt(save);
      },
    },
    el("b", {}, one.name),
    el("label", {}, own.role, role),
    el("label", {}, own.display_name, shown),
    el("label", {}, own.extension, phone),
    skills && skills.box,
    el("button", { class: "primary" }, own.save),
    button(words.cancel, () => { editing = ""; show(); }, "quiet"),
  );
  return el("tr", { "data-name": one.name }, el("td", { colspan: 6 }, fields));
}

/** Every skill, or some, each first or second choice. @param {string[] | null} said */
function skillFields(said) {
  const penalties = new Map((said ?? []).map((each) => /** @type {[string, string]} */ ([each.split(":")[0] ?? "", each.split(":")[1] ?? "0"])));
  const every = /** @type {HTMLInputElement} */ (el("input", { type: "checkbox", name: "every", checked: said === null }));
  const ticks = staff.skills.map((skill) => {
    const tick = /** @type {HTMLInputElement} */ (el("input", { type: "checkbox", checked: said === null || penalties.has(skill), disabled: said === null }));
    const second = /** @type {HTMLSelectElement} */ (
      el("select", { "aria-label": `${skill} ${own.penalty}`, disabled: said === null }, [...Array(10).keys()].map((n) => el("option", { value: n, selected: String(n) === (penalties.get(skill) ?? "0") }, n)))
    );
    return { skill, tick, second };
  });
  every.addEventListener("change", () => {
    for (const { tick, second } of ticks) tick.disabled = second.disabled = every.checked;
  });
  return {
    box: el(
      "fieldset",
      {},
      el("legend", { class: "soft" }, own.skills_hint),
      el("label", { class: "tick" }, every, own.every_skill),
      ...ticks.map(({ skill, tick, second }) => el("span", { class: "tick" }, el("label", { class: "tick" }, tick, skill), second)),
    ),
    chosen: () => (every.checked ? null : ticks.filter(({ tick }) => tick.checked).map(({ skill, second }) => `${skill}:${second.value}`)),
  };
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const values = Object.fromEntries(new FormData(form));
  attempt(async () => {
    const made = await ask(HERE, values);
    form.reset();
    tell(made.name, made.password);
  });
});
withLeft.addEventListener("change", show);
attempt(async () => {});
