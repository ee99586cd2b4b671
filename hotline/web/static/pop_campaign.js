// @ts-check
// Why a campaign calls, or called, this home: the bill with the ways to pay, or the matter; and the household's marks.

import { ask } from "./ask.js";
import { el } from "./dom.js";
import { dayAndClock } from "./times.js";
import { fill, words } from "./words.js";

/** What a call is about, the most important first; nothing where no campaign called. @param {any} about of the pop */
export function drawAbout(about) {
  if (!about) return null;
  const said = words.campaigns.agent_card;
  return el(
    "section",
    { class: "pop-campaign", "aria-label": words.pop.campaign },
    el(
      "p",
      {},
      el("b", {}, words.campaigns.kinds[about.kind]),
      ` ${about.name} `,
      el("span", { class: "tag", "data-is": about.how }, said.how[about.how]),
    ),
    about.is_bill &&
      el(
        "p",
        {},
        `${said.bill} `,
        about.months ? el("b", { class: "pop-bill" }, fill(words.pop.arrears_of, about)) : el("b", {}, said.no_bill),
        about.months && el("span", { class: "soft" }, ` · ${said.pays}: ${about.pays}`),
      ),
    about.matter && el("p", {}, `${said.matter} `, el("b", {}, about.matter)),
    about.tried.length > 0 &&
      el(
        "p",
        { class: "small soft" },
        `${said.tried} `,
        about.tried
          .map((/** @type {any} */ one) =>
            [
              dayAndClock(one.at),
              words.campaigns.outcomes[one.outcome] ?? one.outcome,
              one.said.map((/** @type {string} */ key) => words.campaigns.said[key] ?? key).join("、"),
              one.by || said.by_switch,
            ]
              .filter(Boolean)
              .join(" "),
          )
          .join("；"),
      ),
  );
}

/** The marks of the household, to be read: who put them, when and why. @param {any[]} marks */
export function drawMarks(marks) {
  if (!marks?.length) return null;
  const said = words.campaigns.marks;
  return el(
    "p",
    { class: "pop-marks small" },
    marks.map((one) =>
      el(
        "span",
        { class: "tag", "data-is": "late", title: [one.by === "key" ? said.key : one.by_name, dayAndClock(one.at), one.reason].filter(Boolean).join(" · ") },
        said.mark[one.mark] ?? one.mark,
        one.until && ` ${fill(said.until, { at: dayAndClock(one.until) })}`,
      ),
    ),
  );
}

/**
 * The key for a call of a campaign that an agent dialled: a machine took it. It ends, counts as such, and the agent is free.
 * @param {any} pop
 */
export function machineKey(pop) {
  if (pop.campaign?.how !== "ours" || !pop.call_id.startsWith("outside-")) return null;
  const said = words.campaigns.agent_card;
  const note = el("span", { class: "soft", role: "status" });
  const say = async () => {
    try {
      await ask(`/api/v1/calls/${encodeURIComponent(pop.call_id)}/machine`, {});
      note.textContent = ` ${said.machine_kept}`;
    } catch (wrong) {
      note.textContent = ` ${words.errors[/** @type {Error} */ (wrong).message] ?? words.errors.other}`;
    }
  };
  return el("p", { class: "pop-machine" }, el("button", { type: "button", "data-key": "machine", title: said.machine_hint, onclick: say }, said.machine), note);
}
