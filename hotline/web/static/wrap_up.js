// @ts-check
// A call's wrap-up: what the draft knows, what the agent types, to whom it goes, what was promised. By keyboard alone:
// Enter goes on, 1–6 choose the kind, Ctrl+Enter confirms. What was touched here wins over the draft.

import { ask } from "./ask.js";
import { el } from "./dom.js";
import { listen } from "./live.js";
import { keepNotes } from "./notes.js";
import { needsLook } from "./wrap_up_fields.js";
import { drawDone, drawForm, inputsOf, isText, mark, put, showRests } from "./wrap_up_form.js";
import { baseOf, bodyOf, missing, wanted } from "./wrap_up_says.js";
import { wrapUpSender } from "./wrap_up_sending.js";
import { fill, words } from "./words.js";

const AGAIN_MS = 1_000;

/** @type {Set<(message: any) => void>} */
const hearers = new Set();
listen((message) => hearers.forEach((hear) => hear(message))); // with the page itself: one that came later would cut its socket for a new snapshot

/**
 * @param {HTMLElement} box
 * @param {{callId: string, onDone: (entry: any) => void, onTicks?: (points: string[]) => void}} desk
 */
export function mountWrapUp(box, { callId, onDone, onTicks }) {
  /** @type {any} */
  let shown = null;
  /** @type {Record<string, any>} what draft and earlier agents say, by field */
  let base = {};
  /** @type {import("./wrap_up_says.js").Touched} what was touched here */
  let touched = {};
  /** @type {ReturnType<typeof keepNotes> | null} */
  let notes = null;
  /** @type {string[] | null} */
  let ticks = null;
  let isGone = false;
  let isOld = false; // its entry was told of while it was asked for: the answer may be from before
  let refusal = ""; // why the last confirming was refused; the form may be drawn anew under it
  /** @type {string[]} what it lacked */
  let lacking = [];
  /** @type {HTMLFormElement | null} */
  let form = null;
  const sender = wrapUpSender(() => shown.call_id);

  const hear = (/** @type {any} */ message) => {
    if (!box.isConnected || isGone) return leave();
    if (message.type !== "duty-entry" || message.entry.call_id !== (shown?.call_id ?? callId)) return;
    isOld = true;
    if (shown) takeEntry(message.entry);
  };
  hearers.add(hear);
  begin();

  async function begin() {
    try {
      let found;
      do {
        isOld = false;
        found = await ask(`/api/v1/calls/${encodeURIComponent(callId)}/wrap-up`);
      } while (isOld && !isGone);
      shown = found;
    } catch (wrong) {
      if (isGone) return;
      // A call that began this second is in the ledger a moment later.
      if (/** @type {Error} */ (wrong).message !== "call-unknown") box.replaceChildren(el("p", { class: "refused" }, reason(wrong)));
      setTimeout(begin, AGAIN_MS);
      return;
    }
    if (isGone) return;
    notes ??= keepNotes(shown.call_id, shown.notes.mine, { onState: showKept, onNewer: takeNotes });
    shown.notes.mine = notes.mine();
    touched = { ...shown.notes.mine.form };
    base = baseOf(shown, touched);
    onTicks?.([...new Set([...shown.notes.others.flatMap((/** @type {any} */ one) => one.points), ...shown.notes.mine.points])]);
    if (ticks) notes.points(ticks);
    draw();
  }

  function leave() {
    isGone = true;
    hearers.delete(hear);
    notes?.end();
  }

  /** The draft was redrawn, or somebody confirmed it. @param {any} entry */
  function takeEntry(entry) {
    if (entry.state === "void" || entry.corrected_by) return;
    const wasDone = shown.is_done;
    shown = { ...shown, entry, is_done: entry.state === "confirmed" };
    base = baseOf(shown, touched);
    if (shown.is_done && !wasDone && !sender.isSending()) return draw();
    refresh();
  }

  /** @param {import("./notes.js").Notes} newer */
  function takeNotes(newer) {
    touched = { ...newer.form };
    shown.notes.mine.text = newer.text;
    base = baseOf(shown, touched);
    for (const input of inputsOf(form)) if (input.name !== "notes" && !(isText(input) && input === document.activeElement)) put(input, value(input.name));
    refresh();
    const text = /** @type {HTMLTextAreaElement | null} */ (form?.elements.namedItem("notes"));
    if (text && text.value !== newer.text) text.value = newer.text;
    onTicks?.(newer.points);
    tell(words.wrap.other_tab);
  }

  /** @param {string} name */
  function value(name) {
    return touched[name] ?? base[name] ?? "";
  }

  /** @param {string} name */
  function looks(name) {
    return needsLook(shown, base, touched, name);
  }

  function draw() {
    if (shown.is_done && !("corrects" in touched)) return drawWritten();
    form = drawForm(shown, value, { needsLook: looks, type, submit, put: choose });
    box.replaceChildren(form);
    for (const input of inputsOf(form)) if (input.name !== "notes") put(input, value(input.name));
    markAll();
    tell(refusal);
  }

  function drawWritten() {
    const { entry } = shown;
    const isHere = box.contains(document.activeElement);
    form = null;
    const correct = () => {
      touched.corrects = String(entry.number);
      draw();
      /** @type {HTMLElement | null} */ (form?.querySelector(".field:not(.notes) textarea") ?? null)?.focus();
    };
    box.replaceChildren(drawDone(entry, { goOn: () => end(entry), correct }));
    if (isHere) /** @type {HTMLElement | null} */ (box.querySelector("button.primary"))?.focus();
  }

  /** What nobody touched here follows the draft, also where the focus stands. */
  function refresh() {
    for (const input of inputsOf(form)) if (input.name !== "notes" && !(input.name in touched)) put(input, value(input.name));
    showRests(form, shown.entry, String(value("kind")));
    if (lacking.length && !missing(shown, value, touched).length) {
      lacking = [];
      tell("");
    }
    markAll();
  }

  function markAll() {
    mark(form, value, { missing: lacking, wanted: wanted(shown, value), needsLook: looks });
  }

  /** @param {Event} event */
  function type(event) {
    const input = /** @type {HTMLInputElement} */ (event.target);
    if (!input.name) return;
    if (input.name === "notes") return input.value === shown.notes.mine.text ? undefined : notes?.text((shown.notes.mine.text = input.value));
    const told = input.type === "checkbox" ? input.checked : input.value;
    if (touched[input.name] === told) return;
    keep(input.name, told);
  }

  /** @param {string} name @param {string | boolean} told */
  function keep(name, told) {
    touched[name] = told;
    sender.forget();
    notes?.field(name, told);
    base = baseOf(shown, touched);
    refresh();
  }

  /** @param {string} name @param {string} told */
  function choose(name, told) {
    const input = /** @type {HTMLInputElement | null} */ (form?.elements.namedItem(name) ?? null);
    if (!input) return;
    input.value = told;
    keep(name, told);
    input.focus();
  }

  /** @param {Event} event */
  async function submit(event) {
    event.preventDefault();
    if (sender.isSending() || !form) return;
    const lacks = sender.isUnanswered() ? [] : missing(shown, value, touched);
    if (lacks.length) return refused(Object.assign(new Error("wrap-up-incomplete"), { details: { missing: lacks } }));
    lacking = [];
    tell("");
    /** @type {HTMLButtonElement} */ (form.querySelector("button.primary")).disabled = true;
    try {
      end(await sender.send(bodyOf(shown, value, touched)));
    } catch (wrong) {
      refused(/** @type {Error & {details?: any}} */ (wrong));
    } finally {
      const button = /** @type {HTMLButtonElement | null} */ (form?.querySelector("button.primary") ?? null);
      if (button) button.disabled = false;
    }
  }

  /** @param {Error & {details?: any}} wrong */
  function refused(wrong) {
    if (wrong.message === "wrap-up-incomplete") {
      lacking = wrong.details.missing;
      markAll();
      tell(fill(words.wrap.incomplete, { n: lacking.length }));
      const first = lacking[0] === "kind" ? "input[name=kind]" : `.field.${lacking[0]} :is(input, textarea, select)`;
      /** @type {HTMLElement | null} */ (form?.querySelector(first) ?? null)?.focus();
      return;
    }
    if (wrong.message === "entry-confirmed" || wrong.message === "entry-corrected") {
      delete touched.corrects;
      begin().then(() => tell(reason(wrong)));
      return;
    }
    tell(reason(wrong));
  }

  /** @param {any} entry */
  function end(entry) {
    isGone = true;
    hearers.delete(hear);
    notes?.end(true);
    form = null;
    box.replaceChildren(el("p", { class: "wrap-done" }, fill(words.wrap.written, { page: entry.page })));
    onDone(entry);
  }

  /** @param {string} text */
  function tell(text) {
    refusal = text;
    const told = /** @type {HTMLElement | null} */ (form?.querySelector(".refused") ?? null);
    if (!told) return;
    told.textContent = text;
    told.hidden = !text;
  }

  /** @param {"typing" | "kept" | "away"} state */
  function showKept(state) {
    const told = form?.querySelector(".kept");
    if (told) told.textContent = words.wrap.kept[state];
  }

  return {
    /** The points of the checklist that are ticked. @param {string[]} points */
    check(points) {
      ticks = points;
      notes?.points(points);
    },
  };
}

/** @param {any} wrong */
function reason(wrong) {
  return words.wrap.refused[wrong.message] ?? words.errors[wrong.message] ?? words.wrap.refused.other;
}
