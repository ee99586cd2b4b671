// @ts-check
// A short tone, made here. A browser lets a page sound only after somebody has clicked in it, or in the page before.

const TONES = [880, 660]; // hertz, one after the other
const EACH_S = 0.18;
const LOUDNESS = 0.25;
const KEPT = "sound-was-on"; // in this tab: one click is asked for once, not on every page

/** @type {AudioContext | null} */
let context = null;

export const sound = {
  isOn() {
    return context?.state === "running";
  },

  /** From a click: be able to sound from now on, and say so on the page. */
  async turnOn() {
    context ??= new AudioContext();
    await context.resume();
    sessionStorage.setItem(KEPT, "yes");
    dispatchEvent(new Event("sound-on"));
  },

  play() {
    if (!context || context.state !== "running") return;
    const loud = context.createGain();
    loud.gain.value = LOUDNESS;
    loud.connect(context.destination);
    TONES.forEach((hertz, place) => {
      const tone = new OscillatorNode(/** @type {AudioContext} */ (context), { frequency: hertz, type: "square" });
      const start = /** @type {AudioContext} */ (context).currentTime + place * EACH_S;
      tone.connect(loud);
      tone.start(start);
      tone.stop(start + EACH_S);
    });
  },
};

if (sessionStorage.getItem(KEPT)) sound.turnOn().catch(() => undefined);
// Any first click or key will do; the button is for who has not touched this page yet.
for (const touch of ["click", "keydown"]) {
  addEventListener(touch, () => sound.isOn() || sound.turnOn().catch(() => undefined));
}
