// @ts-check
// The line to the switch: signs in over a socket of its own, rings, lifts, holds, hands over. Draws nothing; whoever draws
// listens to "line" (is it signed in?), "call" (what is on it?) and "turned-away" (who called in a talk). One talk at a time,
// and beside it a colleague who is asked.

const PEER = { iceServers: [], rtcpMuxPolicy: "require" };
const TONES = { transportType: "RFC2833", duration: 120, interToneGap: 80 };
const BACK_OFF_S = { shortest: 1, longest: 4 };
const RINGS_AT_MOST_S = 180;
const LOOK_EVERY_MS = 10_000; // a network may go without a word: so often the switch is asked for an answer
const ANSWERS_WITHIN_MS = 5_000;

/**
 * @typedef {"off" | "connecting" | "ready" | "lost" | "refused"} LineState
 * @typedef {{to: string, state: "ringing" | "talking", isHeard: boolean}} Asked a colleague on a second line; who is heard now
 * @typedef {{
 *   id: string, number: string, isIncoming: boolean, state: "ringing" | "dialling" | "talking", since: number,
 *   isMuted: boolean, isHeld: boolean, liftsItself: boolean, asked: Asked | null, invited: {to: string, isThere: boolean} | null,
 * }} Call `id` is the ledger's; "" for a call of the house's own; `since` by the page's clock (Date.now)
 * @typedef {{address: string, extension: string, password: string, realm: string, display_name: string}} SignsIn
 */

export class Line extends EventTarget {
  /** @type {LineState} */
  state = "off";
  /** @type {Call | null} */
  call = null;
  /** @type {MediaStream | null} what the microphone gives */
  voice = null;
  /** @type {MediaStream | null} what the other side says */
  other = null;
  /** @type {any} */
  #agent = null;
  /** @type {any} */
  #talk = null;
  /** @type {any} */
  #second = null;
  #isLifting = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #waiting;
  #wasCut = false;
  #sip;
  #who;
  #listensBy;

  /**
   * @param {any} sip the JsSIP library
   * @param {SignsIn} who
   * @param {() => MediaTrackConstraints} listensBy which microphone
   */
  constructor(sip, who, listensBy) {
    super();
    this.#sip = sip;
    this.#who = who;
    this.#listensBy = listensBy;
    addEventListener("offline", () => this.#agent && this.#turn("lost"));
    addEventListener("online", () => this.#look());
    setInterval(() => this.#look(), LOOK_EVERY_MS);
  }

  open() {
    if (this.#agent) return;
    const { address, extension, password, realm, display_name } = this.#who;
    this.#agent = new this.#sip.UA({
      sockets: [new this.#sip.WebSocketInterface(address)],
      uri: `sip:${extension}@${realm}`,
      password,
      display_name,
      register_expires: 120,
      session_timers: false,
      no_answer_timeout: RINGS_AT_MOST_S,
      connection_recovery_min_interval: BACK_OFF_S.shortest,
      connection_recovery_max_interval: BACK_OFF_S.longest,
    });
    this.#agent.on("registered", () => {
      this.#turn("ready");
      if (this.#wasCut) this.#meetAgain();
      this.#wasCut = false;
    });
    this.#agent.on("unregistered", () => this.#turn("lost"));
    this.#agent.on("registrationFailed", (/** @type {any} */ told) => this.#turn(told.response ? "refused" : "lost"));
    this.#agent.on("disconnected", () => {
      this.#wasCut = true;
      this.#turn("lost");
    });
    this.#agent.on("newRTCSession", (/** @type {any} */ begun) => begun.originator === "remote" && this.#rung(begun));
    this.#turn("connecting");
    this.#agent.start();
  }

  /** Sign in by another password: the one we had has ended. @param {string} password */
  renew(password) {
    if (!this.#agent) return;
    this.#agent.set("password", password);
    this.#agent.register();
  }

  /** Sign out and let the line go; a talk on it ends. */
  close() {
    const agent = this.#agent;
    this.#agent = null;
    clearTimeout(this.#waiting);
    agent?.stop();
    this.#over();
    this.#turn("off");
  }

  /** Lift what rings. Pressed twice it is lifted once. Rejects where there is no microphone. */
  async answer() {
    if (this.call?.state !== "ringing" || this.#isLifting) return;
    this.#isLifting = true;
    const talk = this.#talk;
    try {
      const voice = await this.#listen();
      if (talk !== this.#talk) return; // the caller was quicker
      talk.answer({ mediaStream: voice, pcConfig: PEER });
    } finally {
      this.#isLifting = false;
    }
  }

  /** Not this one: back to the queue at once. */
  reject() {
    if (this.call?.state === "ringing") this.#talk.terminate({ status_code: 486, reason_phrase: "Busy Here" });
  }

  /** @param {string} number a colleague, or a service number of the switch */
  async dial(number) {
    if (this.call || this.state !== "ready") return;
    this.#change({ ...EMPTY, number, state: "dialling", since: Date.now() });
    try {
      const voice = await this.#listen();
      this.#talk = this.#reach(number, voice);
      this.#follow(this.#talk);
    } catch (wrong) {
      this.#over();
      throw wrong;
    }
  }

  hangUp() {
    if (!this.call) return;
    if (this.call.state === "ringing") return this.reject();
    if (this.#second) this.#end(this.#second);
    if (this.#talk) this.#end(this.#talk);
    else this.#over();
  }

  /** @param {boolean} isMuted */
  mute(isMuted) {
    if (this.call?.state !== "talking") return;
    for (const one of [this.#talk, this.#second]) if (one) isMuted ? one.mute({ audio: true }) : one.unmute({ audio: true });
    this.#change({ isMuted });
  }

  /** @param {boolean} isHeld */
  hold(isHeld) {
    if (this.call?.state !== "talking" || this.call.asked) return;
    const done = isHeld ? this.#talk.hold() : this.#talk.unhold();
    if (done) this.#change({ isHeld });
  }

  /** @param {string} tones keys, as on a telephone */
  press(tones) {
    const one = this.call?.asked?.isHeard ? this.#second : this.#talk;
    if (this.call?.state === "talking") one.sendDTMF(tones, TONES);
  }

  /**
   * Hand the caller over at once; the line is free when the switch has taken them.
   * @param {string} to an extension, a queue, or "park"
   * @returns {Promise<void>} rejects where the switch would not
   */
  handOver(to) {
    return this.#refer(to, {});
  }

  /** Ask a colleague first, the caller hears music. @param {string} to */
  async askFirst(to) {
    if (this.call?.state !== "talking" || this.#second) return;
    if (!this.call.isHeld) this.#talk.hold();
    this.#change({ isHeld: true, asked: { to, state: "ringing", isHeard: true } });
    const second = (this.#second = this.#reach(to, /** @type {MediaStream} */ (this.voice)));
    second.on("accepted", () => {
      this.#hear(second);
      this.#change({ asked: { to, state: "talking", isHeard: true } });
    });
    for (const event of ["failed", "ended"]) second.on(event, () => second === this.#second && this.#back());
  }

  /** The caller and the colleague speak with each other; we leave. */
  async complete() {
    if (this.call?.asked?.state !== "talking") return;
    await this.#refer(this.call.asked.to, { replaces: this.#second });
  }

  /** Speak with the other of the two. */
  swap() {
    const asked = this.call?.asked;
    if (asked?.state !== "talking") return;
    const [rests, speaks] = asked.isHeard ? [this.#second, this.#talk] : [this.#talk, this.#second];
    rests.hold();
    speaks.unhold();
    this.#hear(speaks);
    this.#change({ isHeld: !asked.isHeard, asked: { ...asked, isHeard: !asked.isHeard } });
  }

  /** Away with the second line, back to the caller. */
  back() {
    if (this.#second) this.#end(this.#second);
  }

  /** Ring somebody for a talk of three: the switch does it, by its keys (features.conf). @param {string} to */
  invite(to) {
    if (this.call?.state !== "talking" || this.call.asked || this.call.invited) return;
    this.#talk.sendDTMF(`*2${to}`, TONES);
    this.#change({ invited: { to, isThere: false } });
  }

  /** All three of us. */
  joinAll() {
    if (!this.call?.invited) return;
    this.#talk.sendDTMF("*3", TONES);
    this.#change({ invited: null });
  }

  /** Leave the invited one out, back to the caller. */
  uninvite() {
    if (!this.call?.invited) return;
    this.#talk.sendDTMF("*0", TONES);
    this.#change({ invited: null });
  }

  /** What the browser measures of the side that is heard now. @returns {Promise<RTCStatsReport | null>} */
  async figures() {
    if (this.call?.state !== "talking") return null;
    const one = this.call.asked?.isHeard ? this.#second : this.#talk;
    return (await one?.connection?.getStats()) ?? null;
  }

  /** Speak by another microphone from here on. */
  async listenAnew() {
    if (!this.voice) return;
    const before = this.voice;
    const voice = await this.#listen();
    for (const one of [this.#talk, this.#second]) {
      const sender = one?.connection?.getSenders().find((/** @type {RTCRtpSender} */ each) => each.track?.kind === "audio");
      await sender?.replaceTrack(voice.getAudioTracks()[0]);
    }
    for (const track of before.getTracks()) track.stop();
    if (this.call?.isMuted) this.mute(true);
    this.#tell("call");
  }

  /** Is the switch there? A line that does not answer is cut, and made anew. */
  #look() {
    const agent = this.#agent;
    if (!agent?.isConnected()) return; // the library is at it
    clearTimeout(this.#waiting);
    this.#waiting = setTimeout(() => {
      if (agent !== this.#agent) return;
      agent.transport.disconnect();
      agent.transport.connect();
    }, ANSWERS_WITHIN_MS);
    const answers = () => {
      clearTimeout(this.#waiting);
      if (this.state === "lost" && agent.isRegistered()) this.#turn("ready");
    };
    const failed = (/** @type {any} */ told) => told.response && answers();
    agent.sendOptions(`sip:${this.#who.extension}@${this.#who.realm}`, null, { eventHandlers: { succeeded: answers, failed } });
  }

  /** @param {any} begun */
  #rung({ session, request }) {
    if (this.call || this.#talk) {
      session.terminate({ status_code: 486, reason_phrase: "Busy Here" });
      this.dispatchEvent(new CustomEvent("turned-away", { detail: session.remote_identity.uri.user ?? "" }));
      return;
    }
    this.#talk = session;
    this.#follow(session);
    const liftsItself = request.getHeader("X-Answer") === "now";
    const number = session.remote_identity.uri.user ?? "";
    this.#change({ ...EMPTY, id: request.getHeader("X-Call") ?? "", number, isIncoming: true, liftsItself });
    if (liftsItself) this.answer().catch(() => this.reject());
  }

  /** @param {any} talk */
  #follow(talk) {
    talk.on("accepted", () => {
      this.#hear(talk);
      this.#change({ state: "talking", since: Date.now() });
    });
    // The switch tells whom we speak with now: a colleague who was invited, or the caller again.
    talk.on("update", (/** @type {any} */ { request }) => talk === this.#talk && this.#speaksWith(request.getHeader("P-Asserted-Identity") ?? ""));
    for (const event of ["failed", "ended"]) talk.on(event, () => talk === this.#talk && this.#over());
  }

  /** @param {string} identity */
  #speaksWith(identity) {
    const number = /sips?:([^@>;]+)@/.exec(identity)?.[1] ?? "";
    const invited = this.call?.invited;
    if (!invited || !number) return;
    if (number === invited.to) this.#change({ invited: { ...invited, isThere: true } });
    else if (number === this.call?.number) this.#change({ invited: null });
  }

  /** @param {string} to @param {object} more */
  #refer(to, more) {
    const talk = this.#talk;
    if (this.call?.state !== "talking") return Promise.reject(new Error("no-talk"));
    return new Promise((resolve, reject) => {
      const refused = (/** @type {any} */ told) => reject(new Error(String(told?.request?.status_line?.status_code ?? told?.cause ?? "refused")));
      const taken = () => {
        resolve(undefined);
        this.#end(talk);
      };
      talk.on("ended", () => resolve(undefined));
      talk.refer(`sip:${to}@${this.#who.realm}`, { ...more, eventHandlers: { accepted: taken, failed: refused, requestFailed: refused } });
    });
  }

  /** @param {string} number @param {MediaStream} voice */
  #reach(number, voice) {
    return this.#agent.call(`sip:${number}@${this.#who.realm}`, { mediaStream: voice, pcConfig: PEER });
  }

  async #listen() {
    this.voice = await navigator.mediaDevices.getUserMedia({ audio: this.#listensBy(), video: false });
    return this.voice;
  }

  /** @param {any} talk */
  #hear(talk) {
    const tracks = talk.connection.getReceivers().map((/** @type {RTCRtpReceiver} */ one) => one.track).filter((/** @type {MediaStreamTrack} */ one) => one?.kind === "audio");
    this.other = new MediaStream(tracks);
    this.#tell("call");
  }

  #back() {
    this.#second = null;
    if (!this.call || !this.#talk) return;
    this.#talk.unhold();
    this.#hear(this.#talk);
    this.#change({ isHeld: false, asked: null });
  }

  /** The network was away in a talk: tell the switch where we are now. */
  #meetAgain() {
    for (const one of [this.#talk, this.#second]) if (one?.isEstablished()) one.renegotiate({ rtcOfferConstraints: { iceRestart: true } });
  }

  /** @param {any} talk */
  #end(talk) {
    if (!talk.isEnded()) talk.terminate();
  }

  #over() {
    for (const track of this.voice?.getTracks() ?? []) track.stop();
    if (this.#second) this.#end(this.#second);
    this.#talk = this.#second = this.voice = this.other = null;
    if (!this.call) return;
    this.call = null;
    this.#tell("call");
  }

  /** @param {Partial<Call>} what */
  #change(what) {
    this.call = { ...(this.call ?? EMPTY), ...what };
    this.#tell("call");
  }

  /** @param {LineState} state */
  #turn(state) {
    if (this.state === state) return;
    this.state = state;
    this.#tell("line");
  }

  /** @param {"line" | "call"} what */
  #tell(what) {
    this.dispatchEvent(new CustomEvent(what, { detail: what === "line" ? this.state : this.call }));
  }
}

/** @type {Call} */
const EMPTY = {
  id: "", number: "", isIncoming: false, state: "ringing", since: 0, isMuted: false, isHeld: false, liftsItself: false, asked: null, invited: null,
};
