// @ts-check
// The phone in the page: asks for the click that lets it ring, keeps one page as the phone, and outlives a reload of it.
// Other panels hear `phone`: "call" with what is on the line (null: nothing), "line" with whether it is signed in.

import { ask } from "./ask.js";
import { el } from "./dom.js";
import { listen } from "./live.js";
import { deviceFor, microphone } from "./phone_devices.js";
import { mountPhoneKeys } from "./phone_keys.js";
import { Line } from "./phone_line.js";
import { Bell, isAwake, toDevice, wake } from "./phone_sound.js";
import { Hold } from "./phone_tab.js";
import { PhoneView } from "./phone_view.js";
import { words } from "./words.js";

const ASKS_AGAIN_MS = 5_000;

/** @type {EventTarget} */
export const phone = new EventTarget();

/**
 * @param {HTMLElement} box
 * @param {{extension: string}} me
 */
export async function mountPhone(box, me) {
  if (!me.extension) return;
  const who = await ask("/api/v1/phone").catch(() => null);
  if (!who) return void box.replaceChildren(el("p", { class: "refused" }, words.phone.no_service));
  if (!who.is_browser_phone) return void box.replaceChildren(el("p", { class: "soft" }, words.phone.on_the_desk, " ", el("b", {}, me.extension)));
  const sip = await import(/** @type {string} */ ("/static/jssip.js")).then((library) => library.default, () => null);
  if (!sip) return void box.replaceChildren(el("p", { class: "refused" }, words.phone.no_library));
  new Phone(box, sip, who).begin();
}

class Phone {
  #box;
  #line;
  #bell = new Bell();
  #heard = /** @type {HTMLAudioElement} */ (el("audio", { autoplay: true }));
  #hold;
  /** @type {PhoneView} */
  #view;
  #wasOn;
  #hadTalk;
  #extension;
  #isTurningOn = false;

  /** @param {HTMLElement} box @param {any} sip @param {any} who */
  constructor(box, sip, who) {
    this.#box = box;
    this.#extension = who.extension;
    this.#wasOn = new Mark(sessionStorage, `phone-on-${who.extension}`);
    this.#hadTalk = new Mark(localStorage, `phone-talk-${who.extension}`);
    this.#line = new Line(sip, who, microphone);
    this.#hold = new Hold(who.extension, () => this.#line.call !== null, () => this.#lose());
    this.#view = new PhoneView(box, this.#line, who, {
      turnOn: () => this.#turnOn(),
      take: () => this.#take(),
      changed: (use) => this.#changeDevice(use),
    });
    mountPhoneKeys(this.#line, this.#view);
    this.#line.addEventListener("line", () => this.#onLine());
    this.#line.addEventListener("call", () => this.#onCall());
    listen((message) => this.#hear(message));
    addEventListener("pagehide", () => this.#leave());
    addEventListener("click", (event) => this.#openBeside(event));
    addEventListener("submit", (event) => this.#findBeside(event));
  }

  async begin() {
    document.body.append(this.#heard);
    if (!(await this.#hold.hold())) return this.#view.show("elsewhere");
    if (this.#wasOn.is) return this.#open();
    this.#hold.free();
    this.#view.show("off");
  }

  /** Pressed twice it is turned on once. @returns {Promise<void>} */
  async #turnOn() {
    if (this.#isTurningOn) return;
    this.#isTurningOn = true;
    try {
      await this.#tryOn();
    } finally {
      this.#isTurningOn = false;
    }
  }

  async #tryOn() {
    await wake();
    try {
      // Asked for now, not when it rings; and only so do devices have names.
      const voice = await navigator.mediaDevices.getUserMedia({ audio: microphone() });
      for (const track of voice.getTracks()) track.stop();
    } catch (wrong) {
      return this.#view.show("off", wrong instanceof DOMException && wrong.name === "NotAllowedError" ? words.phone.no_leave : words.phone.no_microphone);
    }
    if (!(await this.#hold.hold())) return this.#view.show("elsewhere");
    this.#wasOn.set();
    await this.#open();
  }

  async #open() {
    this.#view.show("on", (await wake()) ? "" : words.phone.no_ring);
    this.#line.open();
    if (isAwake()) return;
    // After a reload: the next click or key lets it ring.
    for (const touch of ["pointerdown", "keydown"]) addEventListener(touch, () => this.#rouse(), { once: true });
  }

  async #rouse() {
    if (await wake()) this.#view.complain("");
  }

  async #take() {
    if (await this.#hold.take()) await this.#turnOn();
    else this.#view.show("elsewhere", words.phone.busy_elsewhere);
  }

  #lose() {
    this.#line.close();
    this.#wasOn.clear();
    this.#view.show("elsewhere");
  }

  #onLine() {
    phone.dispatchEvent(new CustomEvent("line", { detail: this.#line.state }));
    this.#box.dataset.line = this.#line.state;
    if (this.#line.state === "refused") setTimeout(() => this.#renew(), ASKS_AGAIN_MS);
    if (this.#line.state === "ready" && this.#hadTalk.is && !this.#line.call) {
      this.#hadTalk.clear();
      ask("/api/v1/phone/take-up", {}).catch(() => {}); // a service that is away: the resident goes back to people
    }
  }

  /** The switch refused our password: ended with another session of ours, or not there yet. Signed out, this page goes. */
  async #renew() {
    if (this.#line.state !== "refused") return;
    const who = await ask("/api/v1/phone").catch(() => null);
    if (who?.is_browser_phone) this.#line.renew(who.password);
    setTimeout(() => this.#renew(), ASKS_AGAIN_MS);
  }

  #onCall() {
    const call = this.#line.call;
    if (call?.state === "ringing" && !call.liftsItself) this.#bell.ring(deviceFor("ringer"));
    else this.#bell.stop();
    if (this.#heard.srcObject !== this.#line.other) {
      this.#heard.srcObject = this.#line.other;
      if (this.#line.other) this.#play();
    }
    this.#box.dataset.rings = String(this.#bell.rings && isAwake());
    if (call && isWithResident(call)) this.#hadTalk.set();
    else if (!call) this.#hadTalk.clear();
    phone.dispatchEvent(new CustomEvent("call", { detail: call }));
  }

  async #play() {
    await toDevice(this.#heard, deviceFor("speaker"));
    await this.#heard.play().catch(() => this.#view.complain(words.phone.no_sound));
  }

  /** @param {string} use */
  #changeDevice(use) {
    if (use === "mic") this.#line.listenAnew().catch(() => this.#view.complain(words.phone.no_microphone));
    if (use === "speaker") toDevice(this.#heard, deviceFor("speaker"));
  }

  /** @param {any} message of the live socket */
  async #hear(message) {
    if (message.board) this.#view.know(message.board.agents);
    let helps = message.type === "live-help" ? message.helps : null;
    // A socket that came again in the middle of a call: what was said meanwhile is asked for.
    if (message.type === "snapshot" && this.#line.call) helps = (await ask("/api/v1/live-help").catch(() => null))?.helps;
    if (helps) this.#view.standBeside(helps.find((/** @type {import("./live_help.js").Help} */ one) => one.extension === this.#extension) ?? null);
  }

  /** In a call a link opens beside this page, which is the telephone. @param {MouseEvent} event */
  #openBeside(event) {
    const link = /** @type {HTMLAnchorElement | null} */ (event.target instanceof Element ? event.target.closest("a[href]") : null);
    const isPlain = !event.defaultPrevented && event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey;
    if (!this.#line.call || !isPlain || !link || link.target || link.download || link.getAttribute("href")?.startsWith("#")) return;
    event.preventDefault();
    open(link.href, "_blank", "noopener");
  }

  /** So does what a search finds. @param {SubmitEvent} event */
  #findBeside(event) {
    const form = /** @type {HTMLFormElement} */ (event.target);
    if (form.getAttribute("method") === "get") form.target = this.#line.call ? "_blank" : "";
  }

  /** The page goes while there is a talk: nothing is said to the switch, so the talk lives; the resident gets music. Who is at
   * an agent's side leaves it. */
  #leave() {
    if (this.#line.call && isWithResident(this.#line.call)) fetch("/api/v1/phone/leave", { method: "POST", keepalive: true });
  }
}

/**
 * Whether a resident may be on the line: the switch said which call it is, or a parked one was taken.
 * @param {import("./phone_line.js").Call} call
 */
function isWithResident(call) {
  return call.state === "talking" && (call.id !== "" || call.number.startsWith("*5"));
}

/** Something remembered in this browser. */
class Mark {
  #store;
  #name;

  /** @param {Storage} store @param {string} name */
  constructor(store, name) {
    this.#store = store;
    this.#name = name;
  }

  get is() {
    return this.#store.getItem(this.#name) !== null;
  }

  set() {
    if (!this.is) this.#store.setItem(this.#name, "yes");
  }

  clear() {
    this.#store.removeItem(this.#name);
  }
}
