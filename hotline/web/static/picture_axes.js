// @ts-check
// What most pictures have: an axis of names, an axis of amounts, a legend; in the page's colours.

const SMALL = 0.8; // of the letters around it

/**
 * @param {(string | number)[]} names
 * @param {number} em
 * @param {Record<string, any>} [more]
 */
export function namesAxis(names, em, more = {}) {
  return {
    type: "category",
    data: names,
    axisTick: { show: false },
    axisLine: { lineStyle: { color: "var(--line)" } },
    axisLabel: { color: "var(--soft)", fontSize: SMALL * em, hideOverlap: true },
    ...more,
  };
}

/**
 * @param {number} em
 * @param {Record<string, any>} [more]
 */
export function amountsAxis(em, more = {}) {
  return {
    type: "value",
    minInterval: 1,
    splitNumber: 4,
    splitLine: { lineStyle: { color: "var(--line)" } },
    axisLabel: { color: "var(--soft)", fontSize: SMALL * em },
    ...more,
  };
}

/** From nothing to all, on the right. @param {number} em */
export function sharesAxis(em) {
  const formatter = (/** @type {number} */ share) => `${Math.round(share * 100)}%`;
  const axisLabel = { color: "var(--soft)", fontSize: SMALL * em, formatter };
  return { type: "value", min: 0, max: 1, interval: 0.25, splitLine: { show: false }, axisLabel };
}

/** @param {number} em */
export function legend(em) {
  return {
    top: 0,
    right: 0,
    padding: 0,
    itemWidth: em,
    itemHeight: 0.7 * em,
    textStyle: { color: "var(--soft)", fontSize: SMALL * em },
    inactiveColor: "var(--line)",
  };
}

/**
 * A series of bars.
 * @param {string} name
 * @param {any[]} data null is a gap
 * @param {string} colour
 * @param {Record<string, any>} [more]
 */
export function bars(name, data, colour, more = {}) {
  return { type: "bar", name, data, itemStyle: { color: colour }, emphasis: { disabled: true }, ...more };
}

/** The words above or beside a bar. @param {number} em @param {string} position @param {(at: any) => string} formatter */
export function barLabel(em, position, formatter) {
  return { show: true, position, color: "var(--text)", opacity: 1, fontSize: SMALL * em, formatter };
}
