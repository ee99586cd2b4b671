// @ts-check
// On an agent's page: that a supervisor is at their side, where the setting shows it.

import { ask } from "./ask.js";
import { at, el } from "./dom.js";
import { listen } from "./live.js";
import { fill, words } from "./words.js";

const own = String(at("seat").dataset.extension);

let heard = 0; // what was said since is newer than an answer

listen(async (message) => {
  if (message.type !== "live-help" && message.type !== "snapshot") return;
  const mine = ++heard;
  if (message.type === "live-help") return draw(message.helps);
  const { helps } = await ask("/api/v1/live-help").catch(() => ({ helps: [] }));
  if (mine === heard) draw(helps);
});

/** @param {import("./live_help.js").Help[]} helps */
function draw(helps) {
  const here = helps.filter((one) => one.agent === own && words.live_help.told[one.state]);
  const box = at("listeners");
  box.hidden = !here.length;
  box.replaceChildren(...here.map((one) => el("span", { "data-is": one.state }, fill(words.live_help.told[one.state], { name: one.by_name }))));
}
