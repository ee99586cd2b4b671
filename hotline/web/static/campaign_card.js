// @ts-check
// A campaign that agents dial, on the page of an agent to whom nobody speaks: take a home, look, and then dial it by one
// click, skip it with a reason, or put it off. After a call the next home comes by itself while the agent goes on so.

import { ask } from "./ask.js";
import { el } from "./dom.js";
import { listen } from "./live.js";
import { drawAbout, drawMarks } from "./pop_campaign.js";
import { drawCalls, drawMatters, drawOwed, drawPeople } from "./pop_parts.js";
import { clock, now, nowThere } from "./times.js";
import { fill, words } from "./words.js";

const own = words.campaigns.agent_card;
const LOOK_MS = 20_000;
const HOUR_MS = 3_600_000;

/** @type {HTMLElement | null} */
let card = null;
/** @type {(message: any) => void} */
let hear = () => undefined;
listen((message) => hear(message)); // with the page itself: whoever comes later breaks its line for a snapshot

/** Put the card above what is shown while nobody calls; once a page. @param {HTMLElement} idle */
export function mountCampaignCard(idle) {
  if (card) return;
  card = el("section", { class: "campaign-card", "aria-label": own.title, hidden: true });
  idle.before(card);
  mount(card, idle);
}

/** @param {HTMLElement} box @param {HTMLElement} idle is hidden while a call is here */
function mount(box, idle) {
  /** @type {any} */
  let told = null;
  let drawn = "";
  let goesOn = false; // the next home is taken as soon as the one before is through
  let isBusy = false;
  let dialled = ""; // the call that was asked for, until it is over
  const note = el("p", { class: "told small", role: "status" });
  const sheet = el("div");
  box.append(sheet, note);

  hear = (message) => {
    if (dialled && message.type === "call" && message.call.id === dialled && message.call.state === "ended") dialled = "";
    if (message.type === "snapshot" || (message.type === "call" && message.call.state === "ended")) look();
  };
  new MutationObserver(() => !idle.hidden && look()).observe(idle, { attributes: true, attributeFilter: ["hidden"] });
  setInterval(look, LOOK_MS);
  look();

  async function look() {
    if (idle.hidden || isBusy || sheet.querySelector("form")) return draw(); // nothing is drawn over what is written
    const takesNext = goesOn && !told?.card && !dialled;
    try {
      show(takesNext ? await ask("/api/v1/handed", {}) : await ask("/api/v1/handed"));
    } catch {
      // The freshness mark tells; the next look reads again.
    }
  }

  /** @param {any} now what the service says @param {string} [text] */
  function show(now, text = "") {
    told = now;
    note.textContent = text || (now.why ? own.why[now.why] : "");
    if (now.why === "no-campaign") goesOn = false;
    draw();
  }

  function draw() {
    box.hidden = idle.hidden || !told || (!told.campaigns && !told.card);
    if (box.hidden) return;
    const as = JSON.stringify(told);
    if (as === drawn) return;
    drawn = as;
    box.dataset.is = told.card ? "held" : "waiting";
    sheet.replaceChildren(...(told.card ? home(told.card) : begin()));
  }

  function begin() {
    const take = el("button", { type: "button", class: "primary", onclick: () => act(null, "", {}) }, own.take);
    return [el("h3", {}, own.title), el("p", {}, `${fill(own.waiting, { n: told.waiting })} `, told.waiting > 0 && take)];
  }

  /** @param {any} one */
  function home(one) {
    const { pop } = one;
    const key = (/** @type {string} */ name, /** @type {() => void} */ onclick) => el("button", { type: "button", "data-do": name, class: name === "dial" ? "primary" : null, onclick }, own[name]);
    return [
      el(
        "header",
        { class: "pop-who" },
        el("strong", { class: "pop-name" }, pop.campaign?.home || pop.number),
        el("b", {}, pop.salutation),
        pop.is_elderly_alone && el("span", { class: "tag alarm" }, words.pop.elderly),
        el("span", { class: "number" }, pop.number),
        el("small", { class: "soft" }, fill(own.until, { at: clock(one.until).slice(0, 5) })),
      ),
      drawAbout(pop.campaign),
      drawMarks(pop.household_marks),
      el(
        "div",
        { class: "buttons" },
        key("dial", () => act(one, "dial", {})),
        key("later", () => open(laterForm(one))),
        key("skip", () => open(skipForm(one))),
        key("put_back", () => {
          goesOn = false;
          act(one, "put-back", {});
        }),
      ),
      el("div", { class: "asks" }),
      el(
        "div",
        { class: "pop-parts" },
        el("div", {}, drawOwed(pop), notes(pop), drawMatters(pop)),
        el("div", {}, drawCalls(pop), drawPeople(pop)),
      ),
    ].filter((part) => part !== null);
  }

  /** @param {any} pop */
  function notes(pop) {
    if (!pop.notes.length) return null;
    return el("section", { class: "pop-part" }, el("h3", {}, words.pop.notes), el("ul", {}, pop.notes.map((/** @type {any} */ one) => el("li", {}, one.text))));
  }

  /** @param {HTMLElement} form */
  function open(form) {
    sheet.querySelector(".asks")?.replaceChildren(form);
    /** @type {HTMLElement | null} */ (form.querySelector("input, button"))?.focus();
  }

  function shut() {
    sheet.querySelector(".asks")?.replaceChildren();
  }

  /** @param {any} one */
  function skipForm(one) {
    const why = /** @type {HTMLInputElement} */ (el("input", { required: true, minlength: 2, maxlength: 200, "aria-label": own.skip_why, placeholder: own.skip_why }));
    return el(
      "form",
      {
        onsubmit: (/** @type {Event} */ event) => {
          event.preventDefault();
          act(one, "skip", { reason: why.value });
        },
      },
      el("div", { class: "chips" }, own.skip_reasons.map((/** @type {string} */ text) => el("button", { type: "button", class: "chip", onclick: () => { why.value = text; why.focus(); } }, text))),
      why,
      el("button", { class: "primary" }, own.skip),
      el("button", { type: "button", class: "quiet", onclick: shut }, words.cancel),
    );
  }

  /** @param {any} one */
  function laterForm(one) {
    return el(
      "form",
      { onsubmit: (/** @type {Event} */ event) => event.preventDefault() },
      el("span", {}, own.later_when),
      times().map(([name, at]) => el("button", { type: "button", class: "chip", onclick: () => act(one, "later", { at }) }, own.later_times[name])),
      el("button", { type: "button", class: "quiet", onclick: shut }, words.cancel),
    );
  }

  /** @param {any} one null: take the next @param {string} what @param {any} body */
  async function act(one, what, body) {
    if (isBusy) return;
    isBusy = true;
    if (what !== "put-back") goesOn = true;
    const buttons = /** @type {NodeListOf<HTMLButtonElement>} */ (sheet.querySelectorAll("button"));
    for (const button of buttons) button.disabled = true;
    if (what === "dial") note.textContent = own.dialling;
    let isThrough = false;
    try {
      const answer = await ask(one ? `/api/v1/handed/${one.id}/${what}` : "/api/v1/handed", body);
      if (what === "dial") dialled = answer.channel;
      shut();
      show(what === "dial" ? { ...told, card: null, why: null } : answer, what === "dial" ? own.dialling : "");
      isThrough = ["skip", "later"].includes(what);
    } catch (wrong) {
      refused(/** @type {Error & {details?: any}} */ (wrong));
    } finally {
      isBusy = false;
      for (const button of buttons) button.disabled = false;
    }
    if (isThrough) look();
  }

  /** @param {Error & {details?: any}} wrong */
  function refused({ message, details }) {
    const isGone = ["home-not-to-be-called", "handed-unknown"].includes(message);
    const reasons = (details?.reasons ?? []).map((/** @type {string} */ reason) => words.campaigns.reasons[reason] ?? reason).join("、");
    const text = reasons ? fill(own.not_now, { why: reasons }) : (words.mine.refused[message] ?? words.errors[message] ?? words.errors.other);
    if (isGone) {
      shut();
      goesOn = false; // what it says is read first
      show({ ...told, card: null, why: null }, text);
    } else note.textContent = text;
    if (message === "home-undecided") note.append(" ", el("a", { href: "/campaigns#undecided" }, own.decide));
  }
}

/** When a home may be put off to: an hour from now, and the times of day that are still to come. @returns {[string, string][]} */
function times() {
  const offset = Date.parse(`${nowThere()}Z`) - now();
  const at = (/** @type {number} */ day, /** @type {number} */ hour) => {
    const there = new Date(now() + offset);
    return Date.UTC(there.getUTCFullYear(), there.getUTCMonth(), there.getUTCDate() + day, hour) - offset;
  };
  /** @type {[string, number][]} */
  const found = [
    ["hour", now() + HOUR_MS],
    ["afternoon", at(0, 15)],
    ["evening", at(0, 19)],
    ["tomorrow", now() + 24 * HOUR_MS],
  ];
  return found.filter(([, moment]) => moment > now()).map(([name, moment]) => [name, new Date(moment).toISOString()]);
}
