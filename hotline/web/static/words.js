// @ts-check
// The words on the screen; the same file the server reads. English follows by another file and `lang`.

const answer = await fetch("/static/words.zh.json");

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
 * @param {string} text
 * @param {Record<string, string | number>} gaps
 */
export function fill(text, gaps) {
  return text.replace(/\{(\w+)\}/g, (_, gap) => String(gaps[gap] ?? ""));
}
