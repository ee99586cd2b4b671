// @ts-check
// Which microphone, loudspeaker and ringer: chosen once, remembered in this browser; what is unplugged is not insisted on.

import { el } from "./dom.js";
import { words } from "./words.js";

const KEPT = "phone-devices";
/** @typedef {"mic" | "speaker" | "ringer"} Use */
/** @type {Record<Use, MediaDeviceKind>} */
const KINDS = { mic: "audioinput", speaker: "audiooutput", ringer: "audiooutput" };

/** @type {Record<Use, string>} */
const chosen = { mic: "", speaker: "", ringer: "" };
try {
  Object.assign(chosen, JSON.parse(localStorage.getItem(KEPT) ?? "{}"));
} catch {
  // What cannot be read is as good as nothing.
}

/** @param {Use} use */
export function deviceFor(use) {
  return chosen[use];
}

/** @returns {MediaTrackConstraints} */
export function microphone() {
  const own = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
  return chosen.mic ? { ...own, deviceId: { ideal: chosen.mic } } : own;
}

/** @param {(use: Use) => void} onChange @returns {Promise<HTMLElement>} */
export async function deviceForm(onChange) {
  const found = await navigator.mediaDevices.enumerateDevices();
  return el(
    "div",
    { class: "devices" },
    /** @type {Use[]} */ (Object.keys(KINDS)).map((use) => {
      const here = found.filter((device) => device.kind === KINDS[use] && device.deviceId && device.deviceId !== "default");
      const kept = here.some((device) => device.deviceId === chosen[use]) ? chosen[use] : "";
      return el(
        "label",
        {},
        words.phone.device[use],
        el(
          "select",
          {
            name: use,
            onchange: (/** @type {Event} */ event) => {
              chosen[use] = /** @type {HTMLSelectElement} */ (event.target).value;
              localStorage.setItem(KEPT, JSON.stringify(chosen));
              onChange(use);
            },
          },
          el("option", { value: "", selected: !kept }, words.phone.device.own),
          here.map((device, place) => el("option", { value: device.deviceId, selected: device.deviceId === kept }, device.label || `${words.phone.device[use]} ${place + 1}`)),
        ),
      );
    }),
  );
}
