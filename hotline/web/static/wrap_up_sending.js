// @ts-check
// The act of a wrap-up on its way: sent under a key of its own, and sent again as it was where nobody knows whether it was done.

import { ask } from "./ask.js";

const UNCERTAIN = ["unforeseen", "request-too-slow"]; // the service may have done it all the same

/** @param {() => string} callId */
export function wrapUpSender(callId) {
  /** @type {any} the act that was sent and not answered */
  let unanswered = null;
  let isSending = false;

  return {
    isSending: () => isSending,
    isUnanswered: () => unanswered !== null,
    /** What is typed now is another act. */
    forget() {
      unanswered = null;
    },
    /** @param {any} body @returns {Promise<any>} the entry; throws as `ask` does */
    async send(body) {
      isSending = true;
      const act = unanswered ?? { ...body, key: newKey() };
      unanswered = null;
      try {
        return await ask(`/api/v1/calls/${encodeURIComponent(callId())}/wrap-up`, act);
      } catch (wrong) {
        if (!("details" in /** @type {object} */ (wrong)) || UNCERTAIN.includes(/** @type {Error} */ (wrong).message)) unanswered = act;
        throw wrong;
      } finally {
        isSending = false;
      }
    },
  };
}

function newKey() {
  return crypto.randomUUID ? crypto.randomUUID() : `${Date.now()}-${Math.random().toString(36).slice(2)}`;
}
