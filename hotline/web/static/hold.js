// @ts-check
// A supervisor keeps a recording whatever its age (a dispute), or lets its time run again; always with the reason.

import { ask } from "./ask.js";
import { el } from "./dom.js";
import { words } from "./words.js";

/**
 * @param {HTMLElement} box
 * @param {any} call
 * @param {string} address of the call in the API
 */
export function drawHold(box, call, address) {
  const recording = call.recording;
  const shown = box.dataset.may === "true" && recording?.sides.length ? String(recording.is_held) : "";
  if (box.dataset.shown === shown) return;
  box.dataset.shown = shown;
  box.replaceChildren(...(shown ? [form(recording.is_held, address)] : []));
}

/** @param {boolean} isHeld @param {string} address */
function form(isHeld, address) {
  const refused = el("span", { class: "refused", hidden: true }, words.hold_refused);
  return el(
    "form",
    {
      class: "hold",
      onsubmit: async (/** @type {SubmitEvent} */ event) => {
        event.preventDefault();
        const reason = new FormData(/** @type {HTMLFormElement} */ (event.target)).get("reason");
        try {
          await ask(`${address}/recording/hold`, { is_held: !isHeld, reason }); // the live socket then tells the page
        } catch {
          refused.hidden = false;
        }
      },
    },
    el("input", { name: "reason", required: true, maxlength: 200, placeholder: words.hold_why, "aria-label": words.hold_why }),
    el("button", {}, isHeld ? words.hold_release : words.hold_keep),
    refused,
  );
}
