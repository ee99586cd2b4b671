// @ts-check
// The page of campaigns: the list, drafting a new one, and the one that is looked at (#12).

import { ask } from "./ask.js";
import { progressBar } from "./campaign_charts.js";
import { mountMarks } from "./campaign_marks.js";
import { drawCampaign } from "./campaign_one.js";
import { drawPauses } from "./campaign_pauses.js";
import { drawUndecided } from "./campaign_undecided.js";
import { at, el } from "./dom.js";
import { listen } from "./live.js";
import { fill, words } from "./words.js";

const own = words.campaigns;
/** @type {Map<number, any>} */
const known = new Map();

listen((message) => {
  if (message.type === "snapshot") read();
  if (message.type !== "campaign") return;
  known.set(message.campaign.id, { ...known.get(message.campaign.id), ...message.campaign });
  drawList();
  drawPauses(at("pauses"), refused).catch(() => undefined);
  drawUndecided(at("undecided"), refused).catch(() => undefined);
  if (chosen() === message.campaign.id) show();
});
at("marks").addEventListener("toggle", () => mountMarks(/** @type {HTMLElement} */ (at("marks").querySelector("div")), refused), { once: true });
addEventListener("hashchange", () => {
  drawList();
  show();
  keepChoice();
});
keepChoice();
at("new").addEventListener("click", () => {
  const box = at("making");
  if (box.firstChild) box.replaceChildren();
  else box.replaceChildren(form());
  box.querySelector("input")?.focus();
});

function chosen() {
  return Number(location.hash.slice(1)) || Number(new URLSearchParams(location.search).get("id")) || 0;
}

/** The button of the language leads back to the campaign that is looked at: a form takes no hash along. */
function keepChoice() {
  const back = /** @type {HTMLInputElement | null} */ (document.querySelector("form.language input[name=back]"));
  if (back && chosen()) back.value = `${location.pathname}?id=${chosen()}`;
}

async function read() {
  try {
    const page = await ask("/api/v1/campaigns?limit=100");
    known.clear();
    for (const one of page.campaigns) known.set(one.id, one);
    drawNight(page.night);
    drawList();
    await drawPauses(at("pauses"), refused);
    await drawUndecided(at("undecided"), refused);
    await show();
  } catch {
    // The freshness mark tells; the next snapshot reads again.
  }
}

/** @param {{day: string, rung: number, doubles: number} | null} night */
function drawNight(night) {
  const line = at("night");
  line.hidden = night === null;
  if (night === null) return;
  line.classList.toggle("refused", night.doubles > 0);
  line.textContent = fill(own.night, night);
}

function drawList() {
  const shown = [...known.values()].sort((one, other) => other.id - one.id);
  at("nothing").hidden = shown.length > 0;
  at("list").replaceChildren(
    ...shown.map((one) => {
      const over = one.targets - (one.states.waiting ?? 0) - (one.states["in-hand"] ?? 0);
      return el(
        "li",
        {},
        el(
          "a",
          { href: `#${one.id}`, "aria-current": one.id === chosen() && "true" },
          el("strong", {}, one.name),
          el("span", {}, own.kinds[one.kind]),
          el("span", { class: "campaign-state", "data-is": one.state }, own.states[one.state]),
          progressBar(one),
          el("span", {}, fill(own.of, { done: over, all: one.targets })),
        ),
      );
    }),
  );
}

async function show() {
  const id = chosen();
  if (!id) {
    at("one").replaceChildren();
    return;
  }
  try {
    const whole = await ask(`/api/v1/campaigns/${id}`);
    if (id === chosen()) drawCampaign(at("one"), whole, { refused, changed: show });
  } catch (wrong) {
    refused(/** @type {Error} */ (wrong).message);
  }
}

function form() {
  const kind = /** @type {HTMLSelectElement} */ (
    el("select", { name: "kind" }, Object.entries(own.kinds).map(([value, text]) => el("option", { value }, text)))
  );
  const name = /** @type {HTMLInputElement} */ (el("input", { name: "name", required: true, maxlength: 80 }));
  const text = /** @type {HTMLTextAreaElement} */ (el("textarea", { name: "words", rows: 3, maxlength: 300 }));
  const byAgent = /** @type {HTMLInputElement} */ (el("input", { type: "checkbox", name: "by_agent" }));
  const notice = el("label", { hidden: true }, own.words, text, el("small", {}, own.words_hint));
  kind.addEventListener("change", () => (notice.hidden = kind.value !== "notice"));
  return el(
    "form",
    {
      class: "campaign-form",
      onsubmit: async (/** @type {Event} */ event) => {
        event.preventDefault();
        try {
          const asked = { kind: kind.value, name: name.value, words: kind.value === "notice" ? text.value : "", by_agent: byAgent.checked };
          const made = await ask("/api/v1/campaigns", asked);
          refused("");
          at("making").replaceChildren();
          known.set(made.id, made);
          location.hash = `#${made.id}`;
        } catch (wrong) {
          refused(/** @type {Error} */ (wrong).message, /** @type {any} */ (wrong).details?.problems);
        }
      },
    },
    el("label", {}, own.kind, kind),
    el("label", {}, own.name, name),
    notice,
    el("label", { class: "tick" }, byAgent, ` ${own.by_agent}`),
    el("button", { class: "primary" }, own.make),
  );
}

/**
 * @param {string} id the error's stable id, or "" once all is well
 * @param {string[]} [problems] what is wrong, where the service says so
 */
function refused(id, problems = []) {
  at("refused").hidden = !id;
  at("refused").textContent = id ? [words.errors[id] ?? words.errors.other, ...problems].join(" ") : "";
}
