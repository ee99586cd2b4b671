// @ts-check
// The form of a call's wrap-up: what the draft knows, what the agent types, to whom it goes, what was promised. By
// keyboard alone: Enter goes on, 1–6 choose the kind, Ctrl+Enter confirms. What was touched here wins over the draft.

import { ask } from "./ask.js";
import { el } from "./dom.js";
import { restsOn } from "./drafted.js";
import { listen } from "./live.js";
import { keepNotes } from "./notes.js";
import { dayAndClock, now } from "./times.js";
import { fields, chips, localTime, moments, needsLook } from "./wrap_up_fields.js";
import { fill, words } from "./words.js";

const AGAIN_MS = 1_000;
const KINDS = ["repair", "complaint", "enquiry", "paid-service", "general-help", "special-help"];
const ORIGINAL = ["settled", "goes-on", "new"];
const RETURNED = ["call-back", "missed"]; // done by speaking with the resident
const DISPOSITIONS = ["follow-up", "dispatched", "promised", "settled", "not-reached", "no-matter"];

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
  /** @type {Record<string, string | boolean>} what was touched here */
  let touched = {};
  /** @type {ReturnType<typeof keepNotes> | null} */
  let notes = null;
  /** @type {string[] | null} */
  let ticks = null;
  /** @type {any} the act that was sent and not answered: whether it was done nobody knows, so it is sent as it was */
  let unanswered = null;
  let isSending = false;
  let isGone = false;
  let refusal = ""; // why the last confirming was refused; the form may be drawn anew under it
  /** @type {string[]} what it lacked */
  let lacking = [];
  /** @type {HTMLFormElement | null} */
  let form = null;

  const hear = (/** @type {any} */ message) => {
    if (!box.isConnected || isGone) return leave();
    if (message.type === "duty-entry" && message.entry.call_id === shown?.call_id) takeEntry(message.entry);
  };
  hearers.add(hear);
  begin();

  async function begin() {
    try {
      shown = await ask(`/api/v1/calls/${encodeURIComponent(callId)}/wrap-up`);
    } catch (wrong) {
      if (isGone) return;
      // A call that began this second is in the ledger a moment later.
      if (/** @type {Error} */ (wrong).message !== "call-unknown") box.replaceChildren(el("p", { class: "refused" }, reason(wrong)));
      setTimeout(begin, AGAIN_MS);
      return;
    }
    if (isGone) return;
    notes = keepNotes(shown.call_id, shown.notes.mine, { onState: showKept, onNewer: takeNotes });
    shown.notes.mine = notes.mine();
    touched = { ...shown.notes.mine.form };
    base = baseOf(shown);
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
    base = baseOf(shown);
    if (shown.is_done && !wasDone && !isSending) return draw();
    refresh();
  }

  /** @param {import("./notes.js").Notes} newer */
  function takeNotes(newer) {
    touched = { ...newer.form };
    shown.notes.mine.text = newer.text;
    base = baseOf(shown);
    for (const input of inputs()) if (input.name !== "notes" && !(isText(input) && input === document.activeElement)) show(input);
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

  function draw() {
    if (shown.is_done && !("corrects" in touched)) return drawDone();
    const order = fields(String(value("kind")));
    const first = order.filter((name) => needsLook(shown, base, touched, name));
    form = /** @type {HTMLFormElement} */ (
      el(
        "form",
        { class: "wrap-form", novalidate: true, onsubmit: submit, oninput: type, onchange: type, onkeydown: walk, "aria-label": words.wrap.title },
        ...shown.notes.others.filter((/** @type {any} */ one) => one.text).map((/** @type {any} */ one) => el("p", { class: "others" }, el("b", {}, one.name), " ", el("small", { class: "soft" }, dayAndClock(one.at)), el("span", {}, one.text))),
        chips("kind", KINDS.map((kind, place) => [kind, words.kind[kind], String(place + 1)]), String(value("kind")), words.columns.kind),
        el("label", { class: "check urgent" }, el("input", { type: "checkbox", name: "is_urgent", checked: value("is_urgent") === true }), words.urgent),
        ...[...first, ...order.filter((name) => !first.includes(name))].map(field),
        shown.original && chips("original", ORIGINAL.map((one) => [one, words.wrap.original[one], ""]), String(value("original")), original()),
        chips("disposition", DISPOSITIONS.filter((one) => one !== "not-reached" || shown.direction === "outbound").map((one) => [one, words.wrap.disposition[one], ""]), String(value("disposition")), words.wrap.came_of_it),
        el(
          "div",
          { class: "pair" },
          labelled("department", el("select", { name: "department" }, el("option", { value: "" }, words.wrap.nobody), shown.departments.map((/** @type {string} */ name) => el("option", { value: name }, name)))),
          labelled("dispatch_note", el("input", { name: "dispatch_note", maxlength: 1000, autocomplete: "off" })),
        ),
        el(
          "div",
          { class: "pair" },
          labelled("promise_due", el("input", { type: "datetime-local", name: "promise_due" }), el("span", { class: "soon" }, moments(now()).map(([name, at]) => el("button", { type: "button", class: "chip", tabindex: "-1", onclick: () => put("promise_due", at) }, name)))),
          labelled("promise_to", el("input", { name: "promise_to", maxlength: 40, autocomplete: "off", placeholder: words.wrap.promise_to_hint })),
        ),
        labelled("notes", el("textarea", { name: "notes", rows: 2, maxlength: 4000 }, shown.notes.mine.text)),
        el("p", { class: "refused", role: "alert", hidden: true }),
        el(
          "div",
          { class: "buttons" },
          el("button", { class: "primary", accesskey: "s" }, shown.is_done ? words.entry_correct : words.wrap.confirm, el("kbd", {}, "Ctrl+Enter")),
          el("small", { class: "soft kept", "aria-live": "polite" }),
        ),
      )
    );
    box.replaceChildren(form);
    for (const input of inputs()) if (input.name !== "notes") show(input);
    mark(lacking);
    tell(refusal);
  }

  /** @param {string} name */
  function field(name) {
    const input = name === "matter" || name === "promised" || name === "result"
      ? el("textarea", { name, rows: name === "matter" ? 3 : 1, maxlength: name === "matter" ? 4000 : 2000 })
      : el("input", { name, maxlength: 40, autocomplete: "off" });
    return labelled(name, input, restsOn(shown.entry, name, input, undefined));
  }

  /** @param {string} name @param {HTMLElement} input @param {HTMLElement | null} [below] */
  function labelled(name, input, below = null) {
    return el("div", { class: `field ${name}`, "data-name": name }, el("label", {}, el("span", { class: "name" }, words.wrap.field[name]), input), below, el("small", { class: "wanted", id: `wanted-${name}`, hidden: true }));
  }

  /** What our own call was made for, by its entry or its kind. */
  function original() {
    const { page, kind, text } = shown.original;
    return fill(words.wrap.original_of, { entry: [page || words.follow_up_kind[kind], text].filter(Boolean).join(" ") });
  }

  /** What the choice of what came of it must be told with; what our call was made for is settled by saying so. */
  function needs() {
    return shown.original && value("original") === "settled" ? (shown.needs[String(value("disposition"))] ?? []).filter((/** @type {string} */ one) => one !== "result") : shown.needs[String(value("disposition"))] ?? [];
  }

  function drawDone() {
    const { entry } = shown;
    const isHere = box.contains(document.activeElement);
    form = null;
    box.replaceChildren(
      el(
        "div",
        { class: "wrap-done" },
        el("p", {}, fill(words.wrap.done_by, { page: entry.page, by: entry.written_by })),
        el("p", { class: "soft" }, [entry.home, entry.who, entry.matter].filter(Boolean).join(" · ")),
        el(
          "div",
          { class: "buttons" },
          el("button", { type: "button", class: "primary", onclick: () => end(entry) }, words.wrap.go_on),
          el("button", { type: "button", onclick: () => { touched.corrects = String(entry.number); draw(); form?.querySelector("textarea")?.focus(); } }, words.entry_correct),
        ),
      ),
    );
    if (isHere) /** @type {HTMLElement | null} */ (box.querySelector("button.primary"))?.focus();
  }

  /** @returns {(HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement)[]} */
  function inputs() {
    return form ? /** @type {any} */ ([...form.elements].filter((one) => /** @type {any} */ (one).name)) : [];
  }

  /** @param {HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement} input */
  function show(input) {
    const told = value(input.name);
    if (input instanceof HTMLInputElement && input.type === "radio") input.checked = input.value === told;
    else if (input instanceof HTMLInputElement && input.type === "checkbox") input.checked = told === true;
    else if (input.value !== told) input.value = String(told);
  }

  /** What nobody touched here follows the draft, also where the focus stands. */
  function refresh() {
    for (const input of inputs()) if (input.name !== "notes" && !(input.name in touched)) show(input);
    for (const name of fields(String(value("kind")))) {
      const place = form?.querySelector(`.field.${name}`);
      const input = /** @type {HTMLElement | null} */ (place?.querySelector("input, textarea") ?? null);
      if (!place || !input) continue;
      place.querySelector(".rests")?.remove();
      const rests = restsOn(shown.entry, name, input, undefined);
      if (rests) place.querySelector(".wanted")?.before(rests);
    }
    if (lacking.length && !missingHere().length) {
      lacking = [];
      tell("");
    }
    mark(lacking);
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
    unanswered = null; // what is typed now is another act
    notes?.field(name, told);
    base = baseOf(shown);
    refresh();
  }

  /** @param {string} name @param {string} told */
  function put(name, told) {
    const input = /** @type {HTMLInputElement | null} */ (form?.elements.namedItem(name) ?? null);
    if (!input) return;
    input.value = told;
    keep(name, told);
    input.focus();
  }

  /** Enter goes to the next field that needs a look, digits choose the kind. @param {KeyboardEvent} event */
  function walk(event) {
    if (event.isComposing) return;
    const at = /** @type {HTMLInputElement} */ (event.target);
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form?.requestSubmit();
      return;
    }
    const kind = KINDS[Number(/^Digit[1-6]$/.test(event.code) ? event.code.slice(5) : 0) - 1];
    if (kind && (event.altKey || (!isText(at) && !event.ctrlKey))) {
      event.preventDefault();
      /** @type {any} */ (form)?.querySelector(`input[name=kind][value=${kind}]`)?.click();
      return;
    }
    if (event.key !== "Enter" || event.shiftKey || at instanceof HTMLButtonElement) return;
    event.preventDefault();
    const stops = inputs().filter((one) => !(one instanceof HTMLInputElement && one.type === "radio" && !one.checked));
    const later = stops.slice(stops.indexOf(at) + 1);
    const next = later.find((one) => one.closest("[data-look]")) ?? later[0];
    if (next) next.focus();
    else /** @type {HTMLElement | null} */ (form?.querySelector("button.primary"))?.focus();
  }

  /** Say at each field what is missing, and mark what needs a look. @param {string[]} missing */
  function mark(missing) {
    const wanted = [...(shown.required[String(value("kind"))] ?? []), ...needs()];
    for (const place of /** @type {NodeListOf<HTMLElement>} */ (form?.querySelectorAll(".field") ?? [])) {
      const name = String(place.dataset.name);
      const isMissing = missing.includes(name) && !value(name);
      const words_ = /** @type {HTMLElement} */ (place.querySelector(".wanted"));
      const input = place.querySelector("input, textarea, select");
      words_.hidden = !isMissing;
      words_.textContent = isMissing ? words.wrap.missing[name] : "";
      input?.setAttribute("aria-invalid", String(isMissing));
      input?.setAttribute("aria-required", String(wanted.includes(name)));
      if (isMissing) input?.setAttribute("aria-describedby", `wanted-${name}`);
      else input?.removeAttribute("aria-describedby");
      place.classList.toggle("required", wanted.includes(name));
      place.toggleAttribute("data-look", needsLook(shown, base, touched, name) || (wanted.includes(name) && !value(name)));
    }
    const kinds = form?.querySelector(".chips.kind");
    const isOpen = !KINDS.includes(String(value("kind")));
    kinds?.classList.toggle("required", missing.includes("kind") && isOpen);
    kinds?.toggleAttribute("data-look", isOpen);
  }

  /** @param {Event} event */
  async function submit(event) {
    event.preventDefault();
    if (isSending || !form) return;
    const lacks = unanswered ? [] : missingHere();
    if (lacks.length) return refused(Object.assign(new Error("wrap-up-incomplete"), { details: { missing: lacks } }));
    isSending = true;
    lacking = [];
    tell("");
    const act = unanswered ?? { ...bodyOf(), key: newKey() };
    unanswered = null;
    /** @type {HTMLButtonElement} */ (form.querySelector("button.primary")).disabled = true;
    try {
      const entry = await ask(`/api/v1/calls/${encodeURIComponent(shown.call_id)}/wrap-up`, act);
      end(entry);
    } catch (wrong) {
      if (!("details" in /** @type {object} */ (wrong)) || ["unforeseen", "request-too-slow"].includes(/** @type {Error} */ (wrong).message)) unanswered = act;
      refused(/** @type {Error & {details?: any}} */ (wrong));
    } finally {
      isSending = false;
      const button = /** @type {HTMLButtonElement | null} */ (form?.querySelector("button.primary") ?? null);
      if (button) button.disabled = false;
    }
  }

  /** What the service would refuse is said without asking it. */
  function missingHere() {
    const told = String(value("disposition"));
    const wanted = [...(shown.required[String(value("kind")) || "unknown"] ?? []), ...needs()];
    return wanted.filter((name) => (name === "kind" ? !["no-matter", "not-reached"].includes(told) : !String(value(name)).trim() && !(name === "department" && touched.corrects)));
  }

  function bodyOf() {
    const text = (/** @type {string} */ name) => String(value(name)).trim();
    const due = text("promise_due");
    return {
      disposition: text("disposition"), kind: text("kind") || "unknown", is_urgent: value("is_urgent") === true,
      who: text("who"), home: text("home"), matter: text("matter"), promised: text("promised"), result: text("result"),
      ...(shown.original && { original: text("original") }),
      ...(touched.corrects && { corrects: Number(touched.corrects) }),
      ...(text("department") && { dispatch: { department: text("department"), note: text("dispatch_note") } }),
      ...(due && { promise: { due: new Date(due).toISOString(), to: text("promise_to"), text: text("promised").slice(0, 1000) } }),
    };
  }

  /** @param {Error & {details?: any}} wrong */
  function refused(wrong) {
    if (wrong.message === "wrap-up-incomplete") {
      lacking = wrong.details.missing;
      mark(lacking);
      tell(fill(words.wrap.incomplete, { n: wrong.details.missing.length }));
      const first = wrong.details.missing[0];
      /** @type {HTMLElement | null} */ (form?.querySelector(first === "kind" ? "input[name=kind]" : `.field.${first} :is(input, textarea, select)`))?.focus();
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
    const mark_ = form?.querySelector(".kept");
    if (mark_) mark_.textContent = words.wrap.kept[state];
  }

  return {
    /** The points of the checklist that are ticked. @param {string[]} points */
    check(points) {
      ticks = points;
      notes?.points(points);
    },
  };

  /** @param {any} told */
  function baseOf(told) {
    const { entry } = told;
    const due = entry?.drafted?.find((/** @type {any} */ one) => one.field === "due" && one.value);
    const kind = touched.kind ?? entry?.kind;
    const earlier = Object.assign({}, ...told.notes.others.map((/** @type {any} */ one) => one.form));
    const said_ = { ...earlier, ...touched };
    // A call of ours goes on with what it was made for; only what the agent calls new is begun like any caller's.
    const about = told.original ? String(said_.original ?? (told.original.state !== "open" || RETURNED.includes(told.original.kind) ? "settled" : "goes-on")) : "";
    const isBegun = told.direction !== "outbound" || about === "new";
    // A plain repair goes to engineering, the first department, unless it is settled or nothing.
    const goes = isBegun && told.direction !== "outbound" && kind === "repair" && !told.is_done && !said_.result && !["settled", "no-matter", "not-reached"].includes(String(said_.disposition));
    const department = said_.department ?? (goes ? told.departments[0] ?? "" : "");
    const promiseDue = said_.promise_due ?? (due && isBegun && !told.is_done ? localTime(Date.parse(due.value)) : "");
    return {
      kind: entry?.kind ?? "", is_urgent: entry?.is_urgent ?? false, home: entry?.home ?? "", who: entry?.who ?? "",
      matter: entry?.matter ?? "", promised: entry?.promised ?? "", result: entry?.result ?? "",
      dispatch_note: "", promise_to: "",
      ...earlier,
      department, promise_due: promiseDue, original: about,
      disposition: earlier.disposition ?? (said_.result || about === "settled" ? "settled" : department ? "dispatched" : promiseDue ? "promised" : "follow-up"),
    };
  }
}

function newKey() {
  return crypto.randomUUID ? crypto.randomUUID() : `${Date.now()}-${Math.random().toString(36).slice(2)}`;
}

/** Whether letters are typed there. @param {Element} input */
function isText(input) {
  return input instanceof HTMLTextAreaElement || (input instanceof HTMLInputElement && !["radio", "checkbox"].includes(input.type));
}

/** @param {any} wrong */
function reason(wrong) {
  return words.wrap.refused[wrong.message] ?? words.errors[wrong.message] ?? words.wrap.refused.other;
}
