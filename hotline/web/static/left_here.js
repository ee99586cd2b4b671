// @ts-check
// What a page leaves in this tab for the page that comes after it: which call is written about, and what was typed in the
// last second. It holds a resident's words, so it is for the same person alone.

export const TYPED_LAST = "typed-last";
export const WRAPPING_UP = "wrapping-up";
const WHOSE = "whose-words";

export function dropWhatIsLeft() {
  for (const key of [TYPED_LAST, WRAPPING_UP, WHOSE]) sessionStorage.removeItem(key);
}

/** What is left here is this person's from now on; what anybody else left is dropped. @param {string} name the account's */
export function keepFor(name) {
  if (sessionStorage.getItem(WHOSE) !== name) dropWhatIsLeft();
  sessionStorage.setItem(WHOSE, name);
}
