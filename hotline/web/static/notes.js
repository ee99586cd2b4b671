// @ts-check
// What is typed in a call is kept by the service a second after the last key. Two tabs do not overwrite each other: what
// the other one wrote comes in, and what was typed here stays.

import { ask } from "./ask.js";
import { TYPED_LAST } from "./left_here.js";

const AFTER_MS = 1_000;
const AGAIN_MS = 2_000;

/** @typedef {{version: number, text: string, points: string[], form: Record<string, string | boolean>}} Notes */

/**
 * @param {string} callId
 * @param {Notes} known as the service keeps them
 * @param {{onState: (state: "typing" | "kept" | "away") => void, onNewer: (notes: Notes) => void}} page
 */
export function keepNotes(callId, known, { onState, onNewer }) {
  const address = `/api/v1/calls/${encodeURIComponent(callId)}/notes`;
  /** @type {Notes} */
  let mine = { ...known, form: { ...known.form } };
  let version = known.version;
  /** @type {Set<string>} what was changed here since it was last kept */
  let changed = new Set();
  /** @type {Set<string>} what of it is being told to the service: neither kept nor refused yet */
  let underWay = new Set();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let isOver = false;

  /** What the service is told, and nothing else: it refuses what it does not know. */
  const written = () => ({ text: mine.text, points: mine.points, form: mine.form, version });

  const flush = () => {
    // What is under way raises the version before what is newer comes; alone it is said again, for it may go with the page.
    const body = JSON.stringify({ ...written(), version: version + (underWay.size && changed.size ? 1 : 0) });
    fetch(address, { method: "PUT", keepalive: true, headers: { "Content-Type": "application/json" }, body }).catch(() => undefined);
  };
  /** The page goes: one that comes after it in this tab may ask before that is kept, so it is left to it here as well. */
  const leave = () => {
    if (isOver) return;
    const open = new Set([...underWay, ...changed]);
    if (!open.size) {
      if (leftHere()) sessionStorage.removeItem(TYPED_LAST); // a page that came back from the browser's memory: kept by now
      return;
    }
    sessionStorage.setItem(TYPED_LAST, JSON.stringify({ callId, changed: [...open], mine }));
    flush();
  };
  addEventListener("pagehide", leave);

  /** @param {string} what a field of the form, or "text" or "points" of the notes */
  function change(what) {
    if (isOver) return;
    changed.add(what);
    onState("typing");
    clearTimeout(timer);
    timer = setTimeout(keep, AFTER_MS);
  }

  async function keep() {
    clearTimeout(timer);
    if (underWay.size || !changed.size || isOver) return;
    underWay = changed;
    changed = new Set();
    try {
      const kept = await ask(address, written(), "PUT");
      version = kept.version;
      onState(changed.size ? "typing" : "kept");
    } catch (wrong) {
      changed = new Set([...underWay, ...changed]);
      const newer = /** @type {any} */ (wrong).details?.notes;
      if (newer) {
        takeIn(newer);
        onNewer(mine);
      } else onState("away");
      timer = setTimeout(keep, newer ? 0 : AGAIN_MS);
    } finally {
      underWay = new Set();
    }
    if (changed.size) timer = setTimeout(keep, AGAIN_MS);
  }

  /** Another tab wrote meanwhile. @param {Notes} newer */
  function takeIn(newer) {
    version = newer.version;
    const form = { ...newer.form };
    for (const name of changed) if (name in mine.form) form[name] = mine.form[name];
    const text = !changed.has("text") || newer.text === mine.text ? newer.text : newer.text.includes(mine.text) ? newer.text : mine.text.includes(newer.text) ? mine.text : `${newer.text}\n${mine.text}`;
    const points = changed.has("points") ? [...new Set([...newer.points, ...mine.points])] : newer.points;
    mine = { version, text, points, form };
  }

  /** What a page of this tab left of this call; null: nothing. */
  function leftHere() {
    const left = JSON.parse(sessionStorage.getItem(TYPED_LAST) ?? "null");
    return left?.callId === callId ? left : null;
  }

  /** What was typed in the page before is changed here: it wins over what is kept, and nothing of it stays in the tab. */
  function takeUp() {
    const left = leftHere();
    if (!left) return;
    sessionStorage.removeItem(TYPED_LAST);
    changed = new Set(left.changed);
    mine = left.mine;
    takeIn(known);
    timer = setTimeout(keep, 0);
  }

  takeUp();

  return {
    /** The notes as they stand here: what the service keeps, and what the page before this one left. */
    mine: () => mine,
    /** @param {string} name @param {string | boolean} value */
    field(name, value) {
      mine.form[name] = value;
      change(name);
    },
    /** @param {string} text */
    text(text) {
      mine.text = text;
      change("text");
    },
    /** @param {string[]} points */
    points(points) {
      if (JSON.stringify(points) === JSON.stringify(mine.points)) return;
      mine.points = points;
      change("points");
    },
    /** The call is wrapped up, or left: what was typed last is kept, and nothing more. @param {boolean} [isDone] */
    end(isDone = false) {
      if (!isDone && !isOver && changed.size) flush();
      isOver = true;
      clearTimeout(timer);
      removeEventListener("pagehide", leave);
    },
  };
}
