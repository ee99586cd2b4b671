// @ts-check
// One campaign: what may be done with it, its progress and outcomes, whom it would ring and what it says.

import { ask } from "./ask.js";
import { outcomeChart, progressBar } from "./campaign_charts.js";
import { listForms } from "./campaign_list.js";
import { el } from "./dom.js";
import { dayAndClock } from "./times.js";
import { fill, words } from "./words.js";

const own = words.campaigns;
/** @type {Record<string, string[]>} what may be done in each state */
const ACTS = {
  draft: ["approve", "start", "stop"],
  approved: ["start", "stop"],
  running: ["pause", "stop"],
  paused: ["resume", "stop"],
};
const MAY_GROW = ["draft", "approved"];

/** @typedef {{refused: (id: string, problems?: string[]) => void, changed: () => void}} Hooks */

/**
 * @param {HTMLElement} box
 * @param {any} one the campaign with its history
 * @param {Hooks} hooks
 */
export function drawCampaign(box, one, hooks) {
  const isSame = box.dataset.id === String(one.id);
  const head = header(one, hooks);
  const figures = el(
    "div",
    { class: "campaign-grid", id: "figures" },
    el("div", {}, el("h3", {}, own.progress), progressBar(one), tally(one.states, own.targets)),
    el("div", {}, el("h3", {}, own.outcome_chart), outcomeChart(one)),
  );
  if (isSame && box.dataset.state === one.state) {
    box.querySelector(".campaign-head")?.replaceWith(head);
    box.querySelector("#figures")?.replaceWith(figures);
    if (box.dataset.targets !== String(one.targets)) drawPreview(one);
    box.dataset.targets = String(one.targets);
    drawAttempts(one, hooks);
    return; // what somebody is writing or listening to stays
  }
  box.dataset.id = String(one.id);
  box.dataset.state = one.state;
  box.dataset.targets = String(one.targets);
  box.replaceChildren(
    el("section", { class: "panel" }, head, figures),
    ...(MAY_GROW.includes(one.state) ? [el("section", { class: "panel" }, el("h3", {}, own.list), listForms(one, hooks))] : []),
    el("section", { class: "panel", id: "preview" }),
    el("section", { class: "panel", id: "attempts" }),
    el(
      "section",
      { class: "panel" },
      el("h3", {}, own.history),
      el("ul", {}, one.history.map((/** @type {any} */ step) => el("li", {}, `${dayAndClock(step.at)} ${step.who} ${own.steps[step.what]} ${step.text}`))),
    ),
  );
  drawPreview(one);
  drawAttempts(one, hooks);
}

/** @param {any} one @param {Hooks} hooks */
function header(one, hooks) {
  let isSure = false;
  return el(
    "header",
    { class: "campaign-head" },
    el("h2", {}, one.name),
    el("span", {}, own.kinds[one.kind]),
    el("span", { class: "campaign-state", "data-is": one.state }, own.states[one.state]),
    el("small", {}, fill(own.made_by, { who: one.made_by })),
    el(
      "div",
      { class: "campaign-acts" },
      (ACTS[one.state] ?? []).map((act) =>
        el(
          "button",
          {
            type: "button",
            class: act === "start" || act === "resume" ? "primary" : null,
            "data-act": act,
            onclick: async (/** @type {Event} */ event) => {
              if (act === "stop" && !isSure) {
                isSure = true;
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
          own.acts[act],
        ),
      ),
    ),
  );
}

/** @param {Record<string, number>} counts @param {Record<string, string>} names */
function tally(counts, names) {
  return el("ul", { class: "tally" }, Object.entries(counts).map(([name, count]) => el("li", {}, `${names[name] ?? name} ${count}`)));
}

/** @param {any} one */
async function drawPreview(one) {
  const box = document.getElementById("preview");
  if (!box) return;
  const seen = await ask(`/api/v1/campaigns/${one.id}/preview`);
  box.hidden = seen.targets === 0;
  box.replaceChildren(
    el("h3", {}, own.preview),
    el("p", {}, fill(own.preview_now, { now: seen.may_now, never: seen.suppressed, all: seen.targets })),
    el(
      "div",
      { class: "campaign-grid" },
      el("div", {}, el("h3", {}, own.when), tally(seen.on_days, {})),
      el("div", {}, el("h3", {}, own.who_not), tally({ ...seen.not_now, ...seen.never }, own.reasons)),
    ),
    el(
      "div",
      { class: "scroll", role: "region", tabindex: 0, "aria-label": own.preview },
      el(
        "table",
        {},
        el("thead", {}, el("tr", {}, ["home", "who", "number", "state", "when"].map((name) => el("th", { scope: "col" }, own.columns[name])))),
        el(
          "tbody",
          {},
          seen.shown.map((/** @type {any} */ judged) =>
            el(
              "tr",
              {},
              el("td", {}, judged.target.home),
              el("td", {}, judged.target.who),
              el("td", {}, judged.target.number),
              el("td", {}, judged.reasons.map((/** @type {string} */ reason) => own.reasons[reason]).join("、") || "✓"),
              el("td", {}, dayAndClock(judged.allowed ? seen.at : judged.earliest)),
            ),
          ),
        ),
      ),
    ),
    ...(seen.tells
      ? [
          el("h3", {}, own.says),
          ...(seen.asks ? [el("small", {}, own.asks), el("p", { class: "said" }, seen.asks)] : []),
          el("small", {}, own.tells),
          el("p", { class: "said" }, seen.tells),
          el(
            "p",
            {},
            `${own.listen} `,
            el("audio", { controls: true, preload: "none", src: `/api/v1/campaigns/${one.id}/targets/${seen.sample_target}/sample`, "aria-label": own.listen }),
          ),
        ]
      : []),
  );
}

/** @param {any} one @param {Hooks} hooks */
async function drawAttempts(one, hooks) {
  const page = await ask(`/api/v1/campaigns/${one.id}/attempts?limit=50`);
  const box = document.getElementById("attempts");
  if (!box) return;
  const rows = page.attempts.map((/** @type {any} */ attempt) =>
    el(
      "tr",
      {},
      el("td", {}, dayAndClock(attempt.claimed_at ?? attempt.planned_at)),
      el("td", {}, attempt.home),
      el("td", {}, attempt.number),
      el("td", {}, own.attempt_states[attempt.state], attempt.state === "unknown" && decide(one, attempt, hooks)),
      el("td", {}, own.outcomes[attempt.outcome] ?? "", " ", attempt.call && el("a", { href: `/calls/${encodeURIComponent(attempt.call)}` }, "›")),
      el("td", {}, attempt.said.map((/** @type {string} */ key) => own.said[key]).join("、")),
    ),
  );
  box.hidden = rows.length === 0;
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
    exportForm(one),
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
