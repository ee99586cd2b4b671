// @ts-check
// Which call is on this agent's desk, and how far it is: ringing, talking, wrap-up. Decided from what the live socket says:
// offers (the phone, at once) and calls (the ledger, a little later).

import { WRAPPING_UP } from "./left_here.js";

/** @typedef {{id: string, phase: "ringing" | "dialling" | "calling" | "talking" | "wrap-up", call: any, pop: any, since: string}} Seated */

const MOST_POPS = 20;

/** Whether nobody talks yet: it rings here, or we call a resident. @param {Seated | null} seated */
export function isBefore(seated) {
  return seated !== null && ["ringing", "dialling", "calling"].includes(seated.phase);
}

/** @param {string} extension */
export function seatOf(extension) {
  /** @type {Map<string, any>} calls that go on, and the one that is written about once it was read, by id */
  const calls = new Map();
  /** @type {Map<string, any>} what rings or talks at this phone, by call id */
  const offers = new Map();
  /** @type {Map<string, any>} what is known of callers, by call id */
  const pops = new Map();
  /** @type {Set<string>} calls that are over at this phone, though the ledger may not have read it yet */
  const left = new Set();
  let wrapping = sessionStorage.getItem(WRAPPING_UP) ?? "";

  /** @param {any} message of the live socket */
  function take(message) {
    if (message.type === "snapshot") {
      calls.clear(); // what is written about as well: it may have gone on while nothing was heard, and is read anew
      offers.clear();
      left.clear();
      for (const call of message.calls) keep(call);
      for (const one of message.offers ?? []) keepOffer(one);
    } else if (message.type === "call") keep(message.call);
    else if (message.type === "offer") keepOffer(message);
  }

  /** @param {any} call */
  function keep(call) {
    const before = calls.get(call.id);
    if (before && isMine(before) && !isMine(call)) writeOf(call.id);
    if (isMine(call) && wrapping !== call.id) writeOf("");
    if (call.state === "ended" && call.id !== wrapping) calls.delete(call.id);
    else calls.set(call.id, call);
  }

  /** @param {{offer: any, pop: any}} one */
  function keepOffer({ offer, pop }) {
    if (offer.extension !== extension) return;
    const id = offer.call_id;
    if (pop) keepPop(id, pop);
    if (offer.state === "over" || offer.state === "withdrawn") {
      if (offer.answered || offers.get(id)?.state === "answered") writeOf(id);
      offers.delete(id);
      left.add(id);
      return;
    }
    left.delete(id);
    offers.set(id, offer);
    if (offer.state === "answered" && wrapping !== id) writeOf("");
  }

  /** @param {string} id @param {any} pop */
  function keepPop(id, pop) {
    pops.delete(id);
    pops.set(id, pop);
    while (pops.size > MOST_POPS) pops.delete(String(pops.keys().next().value));
  }

  /** Whether this agent talks in it now. @param {any} call */
  function isMine(call) {
    if (call.state === "ended" || left.has(call.id)) return false;
    const talks = call.talks ?? [];
    if (talks.length) return talks.some((/** @type {any} */ talk) => talk.agent === extension && !talk.ended);
    return call.state === "talking" && call.agent === extension;
  }

  /** Which call is written about after its talk; "" for none. @param {string} id */
  function writeOf(id) {
    wrapping = id;
    if (id) sessionStorage.setItem(WRAPPING_UP, id);
    else sessionStorage.removeItem(WRAPPING_UP);
  }

  /** @param {any} call */
  function myRing(call) {
    if (call.state === "ended" || left.has(call.id)) return null;
    return call.rings?.find((/** @type {any} */ ring) => ring.agent === extension && !ring.ended) ?? null;
  }

  /** This agent's latest stretch in a call. @param {any} call */
  function myTalk(call) {
    return call?.talks?.findLast((/** @type {any} */ talk) => talk.agent === extension) ?? null;
  }

  /** What lies on the desk: a talk comes before a ring, a ring before what is still to be written. @returns {Seated | null} */
  function now() {
    const phones = [...offers.values()];
    const lifted = phones.findLast((offer) => offer.state === "answered");
    if (lifted) return seated(lifted.call_id, "talking", lifted.answered ?? lifted.began);
    const talking = [...calls.values()].find(isMine);
    if (talking) return seated(talking.id, "talking", myTalk(talking)?.began ?? talking.human_answer);
    const offered = phones.at(-1);
    if (offered) return seated(offered.call_id, offered.state === "calling" ? "calling" : offered.is_ours ? "dialling" : "ringing", offered.began);
    const ringing = [...calls.values()].find((call) => myRing(call));
    if (ringing) return seated(ringing.id, "ringing", myRing(ringing).began);
    return wrapping ? seated(wrapping, "wrap-up", calls.get(wrapping)?.ended_at ?? "") : null;
  }

  /** @param {string} id @param {Seated["phase"]} phase @param {string} since @returns {Seated} */
  function seated(id, phase, since) {
    return { id, phase, since, call: calls.get(id) ?? null, pop: pops.get(id) ?? null };
  }

  return {
    take, now, myTalk, writeOf, keepPop,
    /** The call that is written about, or "". */
    wrapping: () => wrapping,
    /** Keep a call that was read from the API. */
    keep: (/** @type {any} */ call) => calls.set(call.id, call),
    calls: () => [...calls.values()],
  };
}
