// @ts-check
// What every page says at its top because somebody must act: callers were turned away, the disk is nearly full.

import { ask } from "./ask.js";
import { at, el } from "./dom.js";
import { say, words } from "./words.js";

const EVERY_MS = 60_000;

look();
setInterval(look, EVERY_MS);

async function look() {
  try {
    draw((await ask("/api/v1/notices")).notices);
  } catch {
    // The freshness mark tells that the service is away; what was said stays.
  }
}

/** @param {any[]} notices */
function draw(notices) {
  const box = at("notices");
  const shown = JSON.stringify(notices);
  if (box.dataset.shown === shown) return; // read out once
  box.dataset.shown = shown;
  box.replaceChildren(
    ...notices.map((notice) =>
      el(
        "div",
        { class: "notice", "data-is": notice.id, role: "alert" },
        el("strong", {}, words.notice_title[notice.id]),
        " ",
        ...said(notice),
      ),
    ),
  );
}

/** @param {any} notice */
function said(notice) {
  if (notice.id === "full-house") {
    return [say("notice_full", { n: notice.turned_away }), " ", el("a", { href: "/follow-ups" }, words.notice_full_link)];
  }
  return [say("notice_disk", { free: (notice.free_mb / 1000).toFixed(1), hours: notice.call_hours })];
}
