// @ts-check
// The tokens of machines: listed, made with scopes and an end, taken back. A token is shown once.

import { ask } from "./ask.js";
import { at, el } from "./dom.js";
import { person } from "./people.js";
import { dayAndClock } from "./times.js";
import { words } from "./words.js";

const own = words.staff.tokens;
const HERE = "/api/v1/tokens";
const form = /** @type {HTMLFormElement} */ (at("make-token"));
let asking = 0;
/** @type {any[]} */
let tokens = [];

async function read() {
  const found = await ask(HERE);
  tokens = found.tokens;
  if (!at("scopes").querySelector("label")) {
    at("scopes").append(...found.scopes.map((/** @type {string} */ scope) => el("label", {}, el("input", { type: "checkbox", name: "scopes", value: scope }), el("code", {}, scope))));
  }
  show();
}

function show() {
  at("token-list").querySelector("tbody")?.replaceChildren(...[...tokens].reverse().map(row));
  at("tokens").dataset.state = "shown";
}

/** @param {any} one */
function row(one) {
  const isOver = one.expires && Date.parse(one.expires) < Date.now();
  const is = one.revoked ? own.revoked : isOver ? own.over : one.expires ? one.expires.slice(0, 10) : own.for_good;
  const revoke = () => attempt(() => ask(`${HERE}/${one.id}/revoke`, {}));
  return el(
    "tr",
    { "data-id": one.id, "data-is": one.revoked || isOver ? "gone" : "valid" },
    el("td", { class: "number" }, one.id),
    el("td", { class: "wide" }, one.label, " ", el("span", { class: "soft small" }, person(one.made_by), ` ${dayAndClock(one.created)}`)),
    el("td", { class: "wide" }, words.staff.roles[one.role], one.scopes.length ? `: ${one.scopes.join(" · ")}` : ` · ${own.all_rights}`),
    el("td", {}, one.last_used ? dayAndClock(one.last_used) : own.never),
    el("td", {}, is),
    el(
      "td",
      {},
      !one.revoked &&
        (asking === one.id
          ? el("button", { type: "button", class: "primary", onclick: revoke }, own.revoke_sure)
          : el("button", { type: "button", class: "quiet", onclick: () => { asking = one.id; show(); } }, own.revoke)),
    ),
  );
}

/** @param {() => Promise<any>} act */
async function attempt(act) {
  const refused = at("token-refused");
  refused.hidden = true;
  try {
    await act();
    asking = 0;
    await read();
  } catch {
    refused.textContent = own.refused;
    refused.hidden = false;
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const given = new FormData(form);
  attempt(async () => {
    const made = await ask(HERE, { label: given.get("label"), role: given.get("role"), days: Number(given.get("days")), scopes: given.getAll("scopes") });
    form.reset();
    at("token-told").replaceChildren(own.told, el("code", {}, made.token));
    at("token-told").hidden = false;
  });
});
attempt(async () => {});
