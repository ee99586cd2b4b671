// @ts-check
// The phone as it is seen: one row of what is on the line and what may be done; beneath it, when asked for, the keys, whom to
// hand over to, the devices. Drawn anew when something changes, the focus stays where it was.

import { el } from "./dom.js";
import { deviceForm } from "./phone_devices.js";
import { Loudness } from "./phone_sound.js";
import { fill, words } from "./words.js";

/** @typedef {"off" | "on" | "elsewhere"} Standing */
/** @typedef {"" | "keys" | "transfer" | "devices"} Drawer */
/** @typedef {{extension: string, name?: string, state?: string}} Colleague */
/** @typedef {{extension: string, house: {extension: string, whose: string}[], queues: string[]}} Who */
/** @typedef {{turnOn: () => Promise<void>, take: () => Promise<void>, changed: (use: string) => void}} Acts */

const MEASURE_MS = 200;
const TONES = [..."123456789*0#"];

export class PhoneView {
  /** @type {Standing} */
  #standing = "off";
  #complaint = "";
  /** @type {Drawer} */
  #drawer = "";
  #parked = "";
  #pressed = "";
  /** @type {Colleague[]} */
  #colleagues = [];
  /** @type {import("./live_help.js").Help | null} whose side this telephone is at */
  #beside = null;
  /** @type {HTMLElement} */
  #box;
  /** @type {import("./phone_line.js").Line} */
  #line;
  /** @type {Who} */
  #who;
  /** @type {Acts} */
  #acts;
  #row = el("div", { class: "phone-row" });
  #below = el("div", { class: "phone-drawer panel", hidden: true });
  #told = el("p", { class: "unseen", role: "status", "aria-live": "assertive" });
  #time = el("b", { class: "phone-time" });
  #mine = /** @type {HTMLMeterElement} */ (el("meter", { id: "phone-mine", min: 0, max: 1, value: 0, title: words.phone.mine, "aria-label": words.phone.mine }));
  #theirs = /** @type {HTMLMeterElement} */ (el("meter", { id: "phone-theirs", min: 0, max: 1, value: 0, title: words.phone.theirs, "aria-label": words.phone.theirs }));
  #loud = [new Loudness(this.#mine, "media-source"), new Loudness(this.#theirs, "inbound-rtp")];

  /**
   * @param {HTMLElement} box
   * @param {import("./phone_line.js").Line} line
   * @param {Who} who
   * @param {Acts} acts
   */
  constructor(box, line, who, acts) {
    this.#box = box;
    this.#line = line;
    this.#who = who;
    this.#acts = acts;
    box.classList.add("phone");
    box.replaceChildren(this.#row, this.#below, this.#told);
    line.addEventListener("line", () => this.#draw());
    line.addEventListener("call", () => this.#onCall());
    line.addEventListener("turned-away", (event) => {
      const number = /** @type {CustomEvent<string>} */ (event).detail;
      this.complain(fill(words.phone.turned_away, { who: !/^\d+$/.test(number) ? words.unknown_person : number.length < 7 ? this.#named(number) : masked(number) }));
    });
    box.addEventListener("keydown", (event) => event.key === "Escape" && this.#drawer && this.open(this.#drawer));
    setInterval(() => this.#tick(), 500);
    setInterval(() => this.#measure(), MEASURE_MS);
  }

  /** @param {Standing} standing @param {string} [complaint] */
  show(standing, complaint = "") {
    this.#standing = standing;
    this.complain(complaint);
  }

  /** @param {string} text */
  complain(text) {
    this.#complaint = text;
    this.#draw();
  }

  /** @param {Colleague[]} agents who serves the queues, and how they are */
  know(agents) {
    const before = this.#beside && this.#named(this.#beside.agent);
    this.#colleagues = agents;
    if (this.#beside && before !== this.#named(this.#beside.agent)) this.#draw();
    if (this.#drawer === "transfer" && this.#below.contains(document.activeElement)) return; // not under somebody's fingers
    this.#drawDrawer();
  }

  /** @param {import("./live_help.js").Help | null} help at an agent's side, or from there in the talk alone; null: at nobody's */
  standBeside(help) {
    if (JSON.stringify(help) === JSON.stringify(this.#beside)) return;
    this.#beside = help;
    this.#draw();
  }

  /** Hold, or take back; not at an agent's side, where it is nobody's talk but theirs. */
  hold() {
    if (!this.#isAtSide) this.#line.hold(!this.#line.call?.isHeld);
  }

  get #isAtSide() {
    return this.#beside !== null && this.#beside.state !== "taken";
  }

  answer() {
    this.#line.answer().catch(() => this.complain(words.phone.no_microphone));
  }

  /** Open a drawer, or close the one that is open. @param {Drawer} drawer */
  open(drawer) {
    const call = this.#line.call;
    if (drawer !== "devices" && this.#drawer !== drawer && call?.state !== "talking") return;
    if (drawer === "transfer" && this.#isAtSide) return;
    this.#drawer = this.#drawer === drawer ? "" : drawer;
    this.#pressed = "";
    this.#draw();
    if (this.#drawer) /** @type {HTMLElement | null} */ (this.#below.querySelector("input, select, button"))?.focus();
    else /** @type {HTMLElement | null} */ (this.#row.querySelector(`[data-act="${drawer}"]`))?.focus();
  }

  #onCall() {
    const call = this.#line.call;
    if (!call || call.state !== "talking") this.#drawer = this.#drawer === "devices" ? "devices" : "";
    if (call) this.#complaint = "";
    else this.#beside = null;
    this.#draw();
    if (call?.state !== "talking") for (const one of this.#loud) one.quiet();
  }

  #draw() {
    const held = /** @type {HTMLElement | null} */ (document.activeElement)?.dataset.act;
    const hadFocus = this.#row.contains(document.activeElement);
    const call = this.#line.call;
    this.#box.dataset.is = this.#standing !== "on" ? this.#standing : call ? call.state : this.#line.state;
    this.#row.replaceChildren(...this.#parts().filter((part) => part !== null));
    if (this.#complaint) this.#row.append(el("span", { class: "refused", role: "alert" }, this.#complaint));
    if (hadFocus) /** @type {HTMLElement | null} */ (this.#row.querySelector(held ? `[data-act="${held}"]` : "button"))?.focus();
    const said = this.#said();
    if (this.#told.textContent !== said) this.#told.textContent = said;
    this.#tick();
    this.#drawDrawer();
  }

  /** @returns {(HTMLElement | null)[]} */
  #parts() {
    const text = words.phone;
    if (this.#standing === "off") return [button("on", text.turn_on, () => this.#acts.turnOn(), "primary"), el("small", { class: "soft" }, text.turn_on_why)];
    if (this.#standing === "elsewhere") return [pill("elsewhere", text.elsewhere), button("take", text.take, () => this.#acts.take())];
    const call = this.#line.call;
    const lost = this.#line.state !== "ready" ? pill(this.#line.state, text.line[this.#line.state]) : null;
    if (!call) return [lost ?? pill("ready", text.line.ready), this.#parkedPart(), button("devices", "⚙", () => this.open("devices"), "quiet", text.devices)];
    const who = el("span", { class: "phone-who" }, this.#does(call), " ", el("b", {}, this.#with(call)));
    if (call.state === "ringing") {
      if (call.liftsItself) return [lost, who];
      return [lost, who, button("answer", text.answer, () => this.answer(), "primary", "", "F3"), button("reject", text.reject, () => this.#line.reject(), "danger", "", "Shift+F3")];
    }
    const hangUp = button("hang-up", text.hang_up, () => this.#line.hangUp(), "danger", "", "Shift+F8");
    if (call.state === "dialling") return [lost, who, hangUp];
    const meters = el("span", { class: "phone-loudness" }, this.#theirs, this.#mine);
    if (call.asked) return [lost, meters, ...this.#asking(call.asked), hangUp];
    if (call.invited) return [lost, who, meters, ...this.#inviting(call.invited), hangUp];
    return [
      lost, who, this.#time, meters,
      toggle("mute", call.isMuted ? text.muted : text.mute, call.isMuted, () => this.#line.mute(!call.isMuted), "F3"),
      this.#isAtSide ? null : toggle("hold", call.isHeld ? text.held : text.hold, call.isHeld, () => this.hold(), "Shift+F3"),
      this.#isAtSide ? null : toggle("transfer", text.transfer, this.#drawer === "transfer", () => this.open("transfer"), "Shift+F4"),
      toggle("keys", text.keys, this.#drawer === "keys", () => this.open("keys"), "Shift+F6"),
      toggle("devices", "⚙", this.#drawer === "devices", () => this.open("devices"), "", text.devices),
      hangUp,
    ];
  }

  /** @param {import("./phone_line.js").Call} call */
  #does(call) {
    return this.#beside ? words.live_help.mode[this.#beside.mode] : words.phone.call[call.state];
  }

  /** Whose side we are at, or who is on the line: a colleague by name. @param {import("./phone_line.js").Call} call */
  #with(call) {
    if (this.#beside) return this.#named(this.#beside.agent);
    return call.number.length < 7 ? this.#named(call.number) : masked(call.number);
  }

  /** @param {import("./phone_line.js").Asked} asked @returns {HTMLElement[]} */
  #asking(asked) {
    const text = words.phone;
    const told = asked.state === "ringing" ? text.asked_rings : asked.isHeard ? text.asked_heard : text.asked_waits;
    const isThere = asked.state === "talking";
    return [
      el("span", { class: "phone-who" }, fill(told, { to: this.#named(asked.to) })),
      isThere ? button("swap", text.swap, () => this.#line.swap()) : null,
      isThere ? button("complete", text.complete, () => this.#try(() => this.#line.complete()), "primary") : null,
      button("back", text.back, () => this.#line.back()),
    ].filter((part) => part !== null);
  }

  /** @param {{to: string, isThere: boolean}} invited @returns {HTMLElement[]} */
  #inviting(invited) {
    const text = words.phone;
    return [
      el("span", { class: "phone-invited", "data-is": invited.isThere ? "there" : "rung" }, fill(invited.isThere ? text.invited_there : text.invited_rings, { to: this.#named(invited.to) })),
      button("three", text.three, () => this.#line.joinAll(), "primary"),
      button("uninvite", text.back, () => this.#line.uninvite()),
    ];
  }

  #parkedPart() {
    const take = () => {
      this.#parked = "";
      this.#try(() => this.#line.dial(`*5${this.#who.extension}`));
    };
    return this.#parked ? el("span", {}, fill(words.phone.parked, { who: this.#parked }), " ", button("unpark", words.phone.unpark, take)) : null;
  }

  #drawDrawer() {
    const drawer = this.#drawer;
    this.#below.hidden = !drawer;
    if (!drawer) this.#below.replaceChildren();
    if (drawer === "keys") this.#below.replaceChildren(this.#keypad());
    if (drawer === "transfer") this.#below.replaceChildren(this.#transfer());
    if (drawer === "devices" && !this.#below.querySelector(".devices")) deviceForm(this.#acts.changed).then((form) => this.#drawer === "devices" && this.#below.replaceChildren(form));
  }

  #keypad() {
    const shown = el("output", { class: "pressed" }, this.#pressed || words.phone.keys);
    const press = (/** @type {string} */ tone) => {
      this.#line.press(tone);
      this.#pressed = (this.#pressed + tone).slice(-16);
      shown.textContent = this.#pressed;
    };
    const pad = el("div", { class: "keypad" }, shown, TONES.map((tone) => el("button", { type: "button", onclick: () => press(tone) }, tone)));
    pad.addEventListener("keydown", (event) => {
      if (!TONES.includes(event.key)) return;
      event.preventDefault();
      press(event.key);
    });
    return pad;
  }

  #transfer() {
    const text = words.phone;
    const busy = new Map(this.#colleagues.map((agent) => [agent.extension, agent]));
    const rows = this.#who.house.map(({ extension, whose }) => {
      const agent = busy.get(extension);
      const state = agent?.state ?? "";
      return el(
        "li",
        { "data-is": state || null },
        el("span", {}, el("b", {}, agent?.name || text.house[whose]), " ", el("small", { class: "soft" }, extension, state ? ` · ${words.agent_state[state] ?? state}` : "")),
        this.#doors(extension),
      );
    });
    const parks = () => {
      const number = masked(this.#line.call?.number ?? "");
      this.#try(async () => {
        await this.#line.handOver("park");
        this.#parked = number;
        this.#draw();
      });
    };
    return el(
      "div",
      { class: "transfer" },
      el("ul", {}, rows),
      el("p", { class: "queues" }, el("span", { class: "soft" }, text.to_queue), this.#who.queues.map((queue) => button(`to-${queue}`, words.queue[queue] ?? queue, () => this.#hand(queue)))),
      el("p", {}, button("park", text.park, parks), el("small", { class: "soft" }, text.park_why)),
    );
  }

  /** @param {string} to */
  #doors(to) {
    const text = words.phone;
    return el(
      "span",
      { class: "doors" },
      button(`blind-${to}`, text.blind, () => this.#hand(to)),
      button(`ask-${to}`, text.ask_first, () => this.#try(() => this.#line.askFirst(to))),
      button(`invite-${to}`, text.invite, () => this.#line.invite(to)),
    );
  }

  /** @param {string} to */
  #hand(to) {
    this.#try(() => this.#line.handOver(to));
  }

  /** @param {() => Promise<void>} act */
  #try(act) {
    this.#drawer = "";
    act().catch(() => this.complain(words.phone.refused));
    this.#draw();
  }

  /** @param {string} extension */
  #named(extension) {
    const agent = this.#colleagues.find((one) => one.extension === extension);
    return agent?.name ? `${agent.name} ${extension}` : extension;
  }

  #said() {
    const call = this.#line.call;
    if (this.#standing !== "on") return "";
    if (!call) return words.phone.line[this.#line.state] ?? "";
    return `${this.#does(call)} ${this.#beside ? this.#with(call) : ""} ${call.isMuted ? words.phone.muted : ""} ${call.isHeld ? words.phone.held : ""}`.trim();
  }

  async #measure() {
    const figures = await this.#line.figures();
    if (figures) for (const one of this.#loud) one.show(figures);
  }

  #tick() {
    const call = this.#line.call;
    const seconds = call?.since ? Math.max(0, Math.floor((Date.now() - call.since) / 1000)) : 0;
    this.#time.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  }
}

/** @param {string} number */
function masked(number) {
  return number.length < 7 ? number : `${number.slice(0, 3)}****${number.slice(-4)}`;
}

/** @param {string} state @param {string} text */
function pill(state, text) {
  return el("span", { class: "pill", "data-is": state === "ready" ? "live" : "lost", role: state === "lost" ? "alert" : null }, text);
}

/** @param {string} act @param {string} text @param {() => void} onclick @param {string} [kind] @param {string} [label] @param {string} [key] */
function button(act, text, onclick, kind = "", label = "", key = "") {
  return el(
    "button",
    { type: "button", class: kind || null, "data-act": act, "aria-label": label || null, title: label || null, "aria-keyshortcuts": key || null, onclick },
    text,
    key && el("kbd", { "aria-hidden": "true" }, key.replace("Shift+", "⇧")),
  );
}

/** @param {string} act @param {string} text @param {boolean} isOn @param {() => void} onclick @param {string} key @param {string} [label] */
function toggle(act, text, isOn, onclick, key, label = "") {
  const made = button(act, text, onclick, isOn ? "chosen" : "", label, key);
  made.setAttribute("aria-pressed", String(isOn));
  return made;
}
