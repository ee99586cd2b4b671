// @ts-check
// What is heard: the ring (450 Hz, 1 s on, 4 s off, as telephones ring in China), the other side, and how loud both are.

const RING_HZ = 450;
const RING_ON_S = 1;
const RING_EVERY_S = 5;
const RINGS_AHEAD = 40; // planned at once: a tab in the background is not asked in time
const LOUDNESS = 0.35;

/** @type {AudioContext | null} */
let sounds = null;

/** Let sound play; wants a click to have happened. @returns {Promise<boolean>} whether it may */
export async function wake() {
  sounds ??= new AudioContext();
  // Without a click this would wait for ever.
  await Promise.race([sounds.resume(), new Promise((resolve) => setTimeout(resolve, 300))]);
  return sounds.state === "running";
}

/** Whether sound may play now. */
export function isAwake() {
  return sounds?.state === "running";
}

export class Bell {
  /** @type {OscillatorNode | null} */
  #tone = null;
  /** @type {GainNode | null} */
  #loudness = null;

  /** Whether it rings. */
  get rings() {
    return this.#tone !== null;
  }

  /** @param {string} device where it sounds; "" is the machine's own */
  ring(device) {
    if (this.#tone || !sounds) return;
    toDevice(sounds, device);
    const [tone, loudness] = [sounds.createOscillator(), sounds.createGain()];
    tone.frequency.value = RING_HZ;
    loudness.gain.value = 0;
    for (let ring = 0; ring < RINGS_AHEAD; ring++) {
      const begins = sounds.currentTime + ring * RING_EVERY_S;
      loudness.gain.setTargetAtTime(LOUDNESS, begins, 0.01);
      loudness.gain.setTargetAtTime(0, begins + RING_ON_S, 0.01);
    }
    tone.connect(loudness).connect(sounds.destination);
    tone.start();
    [this.#tone, this.#loudness] = [tone, loudness];
  }

  stop() {
    this.#tone?.stop();
    this.#loudness?.disconnect();
    this.#tone = this.#loudness = null;
  }
}

/** Show how loud a side is, in a <meter> from 0 to 1, as the browser's own figures of the line tell it. */
export class Loudness {
  /** @type {HTMLMeterElement} */
  #shown;
  #kind;

  /** @param {HTMLMeterElement} shown @param {"media-source" | "inbound-rtp"} kind what we say, or what we hear */
  constructor(shown, kind) {
    this.#shown = shown;
    this.#kind = kind;
  }

  quiet() {
    this.#shown.value = 0;
    this.#shown.dataset.loudest = "0";
  }

  /** @param {RTCStatsReport} figures */
  show(figures) {
    const levels = [...figures.values()].filter((one) => one.type === this.#kind && one.kind === "audio").map((one) => one.audioLevel ?? 0);
    const level = Math.min(1, Math.max(0, 1 + Math.log10(Math.max(0, ...levels) ** 2 + 1e-6) / 6)); // -60 dB … 0 dB
    this.#shown.value = level;
    this.#shown.dataset.loudest = String(Math.max(Number(this.#shown.dataset.loudest ?? 0), level));
  }
}

/**
 * @param {AudioContext | HTMLAudioElement} out
 * @param {string} device
 */
export async function toDevice(out, device) {
  const chosen = /** @type {{setSinkId?: (id: string) => Promise<void>, sinkId?: string}} */ (out);
  if (!chosen.setSinkId || (chosen.sinkId ?? "") === device) return;
  await chosen.setSinkId(device).catch(() => {}); // unplugged: the machine's own device
}
