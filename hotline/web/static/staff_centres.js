// @ts-check
// The page of staff, in a group's service: who sees which centre. Each tick holds at once, and changes that one centre only.

import { ask } from "./ask.js";
import { at, el } from "./dom.js";
import { fill, words } from "./words.js";

const own = words.staff.centres;
const HERE = "/api/v1/centres/grants";

const page = at("grants");
/** @type {{centres: any[], accounts: any[]}} */
let known = { centres: [], accounts: [] };

/** @param {() => Promise<any>} act gives the grants as they are now @param {string} [said] */
async function attempt(act, said = "") {
  const [told, refused] = [at("grants-told"), at("grants-refused")];
  told.hidden = refused.hidden = true;
  try {
    known = await act();
    if (said) [told.textContent, told.hidden] = [said, false];
  } catch {
    refused.textContent = own.refused;
    refused.hidden = false;
  }
  show();
  page.dataset.state = "shown";
}

function show() {
  const held = /** @type {HTMLElement | null} */ (document.activeElement)?.dataset.key;
  const people = known.accounts.filter((one) => one.may_look || one.centres.length);
  page.querySelector("tbody")?.replaceChildren(...people.map(row));
  if (held) /** @type {HTMLElement | null} */ (page.querySelector(`[data-key="${CSS.escape(held)}"]`))?.focus();
}

/** @param {any} one */
function row(one) {
  const address = `${HERE}/${encodeURIComponent(one.account)}`;
  const hasAll = one.centres.length === known.centres.length;
  const said = fill(own.saved, { name: one.display_name });
  const all = () => attempt(() => ask(address, { centres: hasAll ? [] : known.centres.map((centre) => centre.id) }, "PUT"), said);
  return el(
    "tr",
    { "data-account": one.account },
    el("th", { scope: "row" }, el("b", {}, one.display_name), " ", el("span", { class: "soft" }, one.account), !one.may_look && el("span", { class: "tag" }, own.may_not_look)),
    el("td", {}, words.staff.roles[one.role]),
    el(
      "td",
      { class: "wide" },
      el(
        "div",
        { class: "grants", role: "group", "aria-label": one.display_name },
        known.centres.map((centre) =>
          el(
            "label",
            {},
            el("input", {
              type: "checkbox",
              checked: one.centres.includes(centre.id),
              "data-key": `${one.account} ${centre.id}`,
              onchange: (/** @type {any} */ event) => {
                const isGranted = event.currentTarget.checked;
                attempt(() => ask(`${address}/${encodeURIComponent(centre.id)}`, { is_granted: isGranted }, "PUT"), said);
              },
            }),
            centre.name,
            el("small", { class: "soft" }, centre.id),
          ),
        ),
      ),
    ),
    el("td", {}, el("button", { type: "button", class: "quiet", "data-key": `${one.account} all`, onclick: all }, hasAll ? own.none : own.all)),
  );
}

attempt(() => ask(HERE));
