// @ts-check
// How much is owed, beside the word in the navigation of every page: red as soon as something is overdue.

import { at } from "./dom.js";
import { listen } from "./live.js";
import { say } from "./words.js";

listen((message) => {
  if (message.owed) show(message.owed);
});

/** @param {{open: number, overdue: number}} owed */
function show({ open, overdue }) {
  const badge = at("owed");
  badge.hidden = !open;
  badge.textContent = String(overdue || open);
  badge.dataset.is = overdue ? "late" : "open";
  badge.setAttribute("aria-label", say("owed_count", { open, overdue }));
  badge.title = say("owed_count", { open, overdue });
}
