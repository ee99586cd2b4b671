// @ts-check
// One campaign: what may be done with it, its progress and outcomes, its list, its attempts and its history.

import { ask } from "./ask.js";
import { outcomeChart, progressBar } from "./campaign_charts.js";
import { listForms } from "./campaign_list.js";
import { me, needsApproval, shown, whoApproves } from "./campaign_people.js";
import { lookAhead, tally } from "./campaign_preview.js";
import { el } from "./dom.js";
import { dayAndClock } from "./times.js";
import { fill, words } from "./words.js";

const own = words.campaigns;
const MAY_GROW = ["draft", "approved"];
let sureOf = 0; // the campaign whose stop was pressed once: its header is drawn anew with every figure

/** @typedef {{refused: (id: string, problems?: string[]) => void, changed: () => void}} Hooks */

/**
 * @param {HTMLElement} box
 * @param {any} one the campaign with its history
 * @param {Hooks} hooks
 */
export function drawCampaign(box, one, hooks) {
  const isSame = box.dataset.id === String(one.id) && box.dataset.state === one.state;
  const hasGrown = box.dataset.targets !== String(one.targets);
  Object.assign(box.dataset, { id: one.id, state: one.state, targets: one.targets });
  const parts = { ".campaign-head": header(one, hooks), "#figures": figures(one), "#past": past(one) };
  if (isSame) {
    for (const [name, part] of Object.entries(parts)) box.querySelector(name)?.replaceWith(part);
    // what somebody is writing or listening to stays
  } else {
    const [head, counted, steps] = Object.values(parts);
    box.replaceChildren(
      el("section", { class: "panel" }, head, counted),
      ...(MAY_GROW.includes(one.state) ? [el("section", { class: "panel" }, el("h3", {}, own.list), listForms(one, hooks))] : []),
      el("section", { class: "panel", id: "preview", "data-of": one.id, hidden: true }),
      el("section", { class: "panel", id: "attempts" }),
      el("section", { class: "panel" }, el("h3", {}, own.history), steps),
    );
  }
  lookAhead(one, hasGrown || !isSame);
  drawAttempts(one, hooks);
}

/** @param {any} one */
function figures(one) {
  return el(
    "div",
    { class: "campaign-grid", id: "figures" },
    el("div", {}, el("h3", {}, own.progress), progressBar(one), tally(one.states, (state) => own.targets[state])),
    el("div", {}, el("h3", {}, own.outcome_chart), outcomeChart(one), tally(one.outcomes, (outcome) => own.outcomes[outcome] ?? outcome)),
  );
}

/** @param {any} one */
function past(one) {
  return el(
    "ul",
    { id: "past" },
    one.history.map((/** @type {any} */ step) =>
      el("li", {}, `${dayAndClock(step.at)} ${shown(step.who)} ${own.steps[step.what]} ${noted(step)}`),
    ),
  );
}

/** @param {any} step @returns {string} what stands beside it, in words */
function noted({ what, text }) {
  if (what === "imported") return takenIn(text);
  const [, days] = (what === "stopped" && /^idle (\d+)$/.exec(text)) || [];
  return days ? fill(own.ended_idle, { n: days }) : text;
}

/** @param {string} text "list.xlsx: 12", as the history keeps it */
function takenIn(text) {
  const [, from, n] = /^(?:(.*): )?(\d+)$/.exec(text) ?? [];
  if (!n) return text;
  return `${from === "from the records" ? own.of_records : (from ?? "")} ${fill(own.count, { n })}`;
}

/** @param {any} one @returns {string[]} what may be done with it here and now, the next step first */
function acts(one) {
  const isEmpty = one.targets === 0;
  if (one.state === "draft") {
    if (isEmpty || (needsApproval && one.made_by === me)) return ["stop"];
    return [needsApproval ? "approve" : "start", "stop"];
  }
  /** @type {Record<string, string[]>} */
  const nexts = { approved: isEmpty ? [] : ["start"], running: ["pause"], paused: ["resume"] };
  const next = nexts[one.state];
  return next ? [...next, "stop"] : [];
}

/** @param {any} one @returns {string} why the next step is not offered */
function whatFirst(one) {
  if (!MAY_GROW.includes(one.state)) return "";
  if (one.targets === 0) return own.fill_first;
  return one.state === "draft" && needsApproval && one.made_by === me ? whoApproves(one.made_by) : "";
}

/** @param {any} one @param {Hooks} hooks */
function header(one, hooks) {
  return el(
    "header",
    { class: "campaign-head" },
    el("h2", {}, one.name),
    el("span", {}, own.kinds[one.kind]),
    one.by_agent && el("span", { class: "tag" }, own.dialled_how.agent),
    el("span", { class: "campaign-state", "data-is": one.state }, own.states[one.state]),
    el("small", {}, fill(own.made_by, { who: shown(one.made_by) })),
    one.approved_by && el("small", {}, fill(own.approved_by, { who: shown(one.approved_by) })),
    el(
      "div",
      { class: "campaign-acts" },
      acts(one).map((act) =>
        el(
          "button",
          {
            type: "button",
            class: ["approve", "start", "resume"].includes(act) ? "primary" : null,
            "data-act": act,
            title: act === "stop" && sureOf === one.id && own.stop_sure,
            onclick: async (/** @type {Event} */ event) => {
              if (act === "stop" && sureOf !== one.id) {
                sureOf = one.id;
                const button = /** @type {HTMLElement} */ (event.currentTarget);
                button.title = own.stop_sure;
                button.textContent = `${own.acts.stop}?`;
                return;
              }
              try {
                await ask(`/api/v1/campaigns/${one.id}/${act}`, {});
                hooks.refused("");
              } catch (wrong) {
                hooks.refused(/** @type {Error} */ (wrong).message, /** @type {any} */ (wrong).details?.problems);
              }
              hooks.changed();
            },
          },
          act === "stop" && sureOf === one.id ? `${own.acts.stop}?` : own.acts[act],
        ),
      ),
    ),
    whatFirst(one) && el("p", { class: "what-first" }, whatFirst(one)),
  );
}

/** @param {any} one @param {Hooks} hooks */
async function drawAttempts(one, hooks) {
  const box = document.getElementById("attempts");
  const page = await ask(`/api/v1/campaigns/${one.id}/attempts?limit=50`);
  if (!box?.isConnected) return;
  const rows = page.attempts.map((/** @type {any} */ attempt) =>
    el(
      "tr",
      {},
      el("td", {}, dayAndClock(attempt.claimed_at ?? attempt.planned_at)),
      el("td", {}, attempt.home),
      el("td", {}, attempt.number),
      el("td", {}, own.attempt_states[attempt.state], attempt.state === "unknown" && decide(one, attempt, hooks)),
      el("td", {}, own.outcomes[attempt.outcome] ?? "", " ", attempt.dialled_by && el("small", { class: "soft" }, `${shown(attempt.dialled_by)} `), attempt.call && el("a", { href: `/calls/${encodeURIComponent(attempt.call)}` }, "›")),
      el("td", {}, attempt.said.map((/** @type {string} */ key) => own.said[key]).join("、")),
    ),
  );
  box.hidden = rows.length === 0;
  const reason = box.querySelector("form") ?? exportForm(one); // somebody may be writing in it
  box.replaceChildren(
    el("h3", {}, own.attempts),
    el(
      "div",
      { class: "scroll", role: "region", tabindex: 0, "aria-label": own.attempts },
      el(
        "table",
        {},
        el("thead", {}, el("tr", {}, ["at", "home", "number", "state", "outcome", "said"].map((name) => el("th", { scope: "col" }, own.columns[name])))),
        el("tbody", {}, rows),
      ),
    ),
    reason,
  );
}

/** @param {any} one */
function exportForm(one) {
  return el(
    "form",
    { class: "campaign-form", action: `/api/v1/campaigns/${one.id}/export`, method: "get" },
    el("label", {}, own.export_reason, el("input", { name: "reason", required: true, minlength: 2, maxlength: 200 })),
    el("button", {}, own.export),
  );
}

/** @param {any} one @param {any} attempt @param {Hooks} hooks */
function decide(one, attempt, hooks) {
  const say = async (/** @type {boolean} */ rang) => {
    try {
      await ask(`/api/v1/campaigns/${one.id}/attempts/${encodeURIComponent(attempt.id)}/decide`, { rang });
    } catch (wrong) {
      hooks.refused(/** @type {Error} */ (wrong).message);
    }
    hooks.changed();
  };
  return el(
    "span",
    { title: own.unknown_help },
    " ",
    el("button", { type: "button", onclick: () => say(true) }, own.rang),
    " ",
    el("button", { type: "button", onclick: () => say(false) }, own.never),
  );
}
