// @ts-check
// The phone by keyboard alone. F-keys work wherever the focus is; `?` lists them with the page's others.

import { listKeys } from "./agent_keys.js";
import { words } from "./words.js";

/**
 * @param {import("./phone_line.js").Line} line
 * @param {import("./phone_view.js").PhoneView} view
 */
export function mountPhoneKeys(line, view) {
  const isRinging = () => line.call?.state === "ringing";
  /** @type {Record<string, () => void>} */
  const keys = {
    F3: () => (isRinging() ? view.answer() : line.mute(!line.call?.isMuted)),
    "Shift+F3": () => (isRinging() ? line.reject() : view.hold()),
    "Shift+F4": () => view.open("transfer"),
    "Shift+F6": () => view.open("keys"),
    "Shift+F8": () => line.hangUp(),
  };
  listKeys(Object.fromEntries(Object.keys(keys).map((key) => [key, words.phone.key[key]])));
  addEventListener(
    "keydown",
    (event) => {
      if (event.ctrlKey || event.altKey || event.metaKey) return;
      const act = keys[`${event.shiftKey ? "Shift+" : ""}${event.key}`];
      if (!act) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      if (!event.repeat) act();
    },
    { capture: true },
  );
}
