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

  /** @param {HTMLElement} box @param {any} sip @param {any} who */
  constructor(box, sip, who) {
    this.#box = box;
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
    listen((message) => message.board && this.#view.know(message.board.agents));
    addEventListener("pagehide", () => this.#leave());
  }

  async begin() {
    document.body.append(this.#heard);
    if (!(await this.#hold.hold())) return this.#view.show("elsewhere");
    if (this.#wasOn.is) await this.#open();
    else this.#view.show("off");
  }

  /** @returns {Promise<void>} */
  async #turnOn() {
    await wake();
    try {
      // Asked for now, not when it rings; and only so do devices have names.
      const voice = await navigator.mediaDevices.getUserMedia({ audio: microphone() });
      for (const track of voice.getTracks()) track.stop();
    } catch (wrong) {
      return this.#view.show("off", wrong instanceof DOMException && wrong.name === "NotAllowedError" ? words.phone.no_leave : words.phone.no_microphone);
    }
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

  /** The page goes while there is a talk: nothing is said to the switch, so the talk lives; the resident gets music. */
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
