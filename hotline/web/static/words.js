// @ts-check
// The words on the screen, in the language of the page; the same file the server reads.

/** The page's language: "zh" or "en". */
export const language = document.documentElement.lang.startsWith("en") ? "en" : "zh";

const answer = await fetch(`/static/words.${language}.json`);

/** @type {any} */
export const words = await answer.json();

/**
 * A string with its gaps filled: say("rings", {n: 2}) -> "2 声".
 * @param {string} name
 * @param {Record<string, string | number>} gaps
 */
export function say(name, gaps = {}) {
  return fill(String(words[name]), gaps);
}

/**
 * "{n}" becomes the value, "{n|call|calls}" the word for one or for more.
 * @param {string} text
 * @param {Record<string, string | number>} gaps
 */
export function fill(text, gaps) {
  return text.replace(/\{(\w+)(?:\|([^|}]*)\|([^|}]*))?\}/g, (_, gap, one, many) =>
    one === undefined ? String(gaps[gap] ?? "") : String(gaps[gap]) === "1" ? one : many,
  );
}
