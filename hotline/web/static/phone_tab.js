// @ts-check
// One page holds the phone. Another says so, and may take it unless there is a talk on it.

const ANSWER_MS = 400;

export class Hold {
  #name;
  #isBusy;
  #lost;
  #line;
  /** @type {(() => void) | null} */
  #letGo = null;

  /**
   * @param {string} extension
   * @param {() => boolean} isBusy whether there is a talk here
   * @param {() => void} lost called when another page has taken the phone
   */
  constructor(extension, isBusy, lost) {
    this.#name = `hotline-phone-${extension}`;
    this.#isBusy = isBusy;
    this.#lost = lost;
    this.#line = new BroadcastChannel(this.#name);
    this.#line.addEventListener("message", ({ data }) => {
      if (data === "busy?" && this.#letGo && this.#isBusy()) this.#line.postMessage("busy");
    });
  }

  /** @returns {Promise<boolean>} whether the phone is ours now; false: another page holds it */
  async hold() {
    return this.#letGo !== null || this.#ask({ ifAvailable: true });
  }

  /** It is not in use here: another page may hold it. */
  free() {
    this.#letGo?.();
    this.#letGo = null;
  }

  /** Take the phone from the page that has it. @returns {Promise<boolean>} false: there is a talk on it */
  async take() {
    if (await this.#isBusyElsewhere()) return false;
    return this.#ask({ steal: true });
  }

  /** @param {LockOptions} how @returns {Promise<boolean>} */
  #ask(how) {
    return new Promise((answered) => {
      navigator.locks
        .request(this.#name, how, (lock) => {
          answered(lock !== null);
          return lock && new Promise((resolve) => (this.#letGo = () => resolve(undefined)));
        })
        .catch(() => {
          this.#letGo = null;
          this.#lost(); // stolen
        });
    });
  }

  /** @returns {Promise<boolean>} */
  #isBusyElsewhere() {
    return new Promise((answered) => {
      const hear = (/** @type {MessageEvent} */ { data }) => data === "busy" && answered(true);
      this.#line.addEventListener("message", hear);
      this.#line.postMessage("busy?");
      setTimeout(() => {
        this.#line.removeEventListener("message", hear);
        answered(false);
      }, ANSWER_MS);
    });
  }
}
