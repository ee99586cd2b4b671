// @ts-check
// Which call is on this agent's desk, and how far it is: ringing, talking, wrap-up. Decided from what the live socket says.

/** @typedef {{id: string, phase: "ringing" | "talking" | "wrap-up", call: any, pop: any, since: string}} Seated */

const REMEMBERED = "wrapping-up"; // in this tab: which call a page that was reloaded was writing about

/** @param {string} extension */
export function seatOf(extension) {
  /** @type {Map<string, any>} calls that go on, by id */
  const calls = new Map();
  /** @type {Map<string, {offer: any, pop: any}>} offers to this phone, by call id */
  const offers = new Map();
  /** @type {Map<string, any>} what was known of callers, by call id */
  const pops = new Map();
  let wrapping = sessionStorage.getItem(REMEMBERED) ?? ""; // the call that is written about

  /** @param {any} message whose live socket this is */
  function take(message) {
    if (message.type === "snapshot") {
      calls.clear();
      offers.clear();
      for (const call of message.calls) keep(call);
      for (const one of message.offers ?? []) keepOffer(one);
    } else if (message.type === "call") keep(message.call);
    else if (message.type === "offer") keepOffer(message);
  }

  /** @param {any} call */
  function keep(call) {
    const before = calls.get(call.id);
    if (before && isMine(before) && !isMine(call)) wrapUp(call.id);
    if (isMine(call) && wrapping !== call.id) wrapUp(""); // somebody else is on the line now
    if (call.state === "ended") {
      offers.delete(call.id);
      if (call.id !== wrapping) calls.delete(call.id);
      else calls.set(call.id, call);
    } else calls.set(call.id, call);
  }

  /** @param {any} one */
  function keepOffer(one) {
    const { offer, pop } = one;
    if (offer.extension !== extension) return;
    if (pop) pops.set(offer.call_id, pop);
    if (offer.state === "withdrawn") offers.delete(offer.call_id);
    else offers.set(offer.call_id, one);
  }

  /** Whether this agent talks in it now. @param {any} call */
  function isMine(call) {
    if (call.state === "ended") return false;
    const talks = call.talks ?? [];
    if (talks.length) return talks.some((/** @type {any} */ talk) => talk.agent === extension && !talk.ended);
    return call.state === "talking" && call.agent === extension;
  }

  /** @param {string} id */
  function wrapUp(id) {
    wrapping = id;
    if (id) sessionStorage.setItem(REMEMBERED, id);
    else sessionStorage.removeItem(REMEMBERED);
  }

  /**
   * What lies on the desk now; null: nothing. A talk comes before a ring, a ring before what is still being written.
   * @param {boolean} isWrappingUp whether the state of this agent says so
   * @returns {Seated | null}
   */
  function now(isWrappingUp) {
    const talking = [...calls.values()].find(isMine);
    if (talking) return seated(talking.id, "talking", myTalk(talking)?.began ?? talking.human_answer);
    const offered = [...offers.values()].at(-1);
    if (offered) {
      const { call_id: id, began, state } = offered.offer;
      return seated(id, state === "answered" ? "talking" : "ringing", began);
    }
    const ringing = [...calls.values()].find((call) => myRing(call));
    if (ringing) return seated(ringing.id, "ringing", myRing(ringing).began);
    if (!wrapping || !isWrappingUp) return null;
    return seated(wrapping, "wrap-up", calls.get(wrapping)?.ended_at ?? "");
  }

  /** @param {string} id @param {Seated["phase"]} phase @param {string} since @returns {Seated} */
  function seated(id, phase, since) {
    return { id, phase, since, call: calls.get(id) ?? null, pop: pops.get(id) ?? null };
  }

  /** @param {any} call */
  function myRing(call) {
    return call.state === "ended" ? null : call.rings?.find((/** @type {any} */ ring) => ring.agent === extension && !ring.ended);
  }

  /** @param {any} call */
  function myTalk(call) {
    return call?.talks?.findLast((/** @type {any} */ talk) => talk.agent === extension);
  }

  return {
    take,
    now,
    wrapUp,
    /** The call that is written about, or "". */
    wrapping: () => wrapping,
    /** Keep a call that was read from the API. */
    keep: (/** @type {any} */ call) => calls.set(call.id, call),
    keepPop: (/** @type {string} */ id, /** @type {any} */ pop) => pop && pops.set(id, pop),
    calls: () => [...calls.values()],
    myTalk,
  };
}
