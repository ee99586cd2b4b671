// @ts-check
// A chart as a picture, drawn by Apache ECharts. Its colours are variables of the page, so night, forced colours and paper are
// the style sheet's matter (picture.css) and nothing is drawn anew for them. However often it is told something, it is drawn
// once a frame; it goes with its place, so a wall that runs for weeks has one of it.

import { el } from "./dom.js";
import { words } from "./words.js";

/**
 * @typedef {object} Drawing
 * @property {string} told what is heard instead of it
 * @property {(em: number, width: number) => Record<string, any>} option the library's own, for letters of so many pixels and this width
 * @property {(at: number) => string[]} tip the lines of what stands at this place, in exact figures
 * @property {(x: number, y: number, exactly: {x: number, isBelow: boolean}) => string} [opens] the address behind this column and row; ""
 * where there is nothing. Exactly: where on the axis of amounts, and whether in the lower half of its row
 */
/** @typedef {{init: (place: HTMLElement, theme: null, how: {renderer: "svg"}) => any}} Library */

const address = document.querySelector('meta[name="charts"]')?.getAttribute("content"); // none: set-up could not make it

/** @type {Promise<Library | null> | undefined} */
let asked;

/** The library, asked for once a page; null where it is not there. */
function library() {
  asked ??= address ? import(address).catch(() => null) : Promise.resolve(null);
  return asked;
}

/** One line that says what is missing and what to do; nobody sees it where nothing is missing. */
export function pictureNote() {
  const line = el("p", { class: "soft", hidden: true }, words.picture.missing);
  library().then((found) => (line.hidden = found !== null));
  return line;
}

/**
 * What a picture shows, figure by figure and each with its link: for keys and readers, and open where there is no picture.
 * @param {...Node} inside
 */
export function pictureFigures(...inside) {
  const box = /** @type {HTMLDetailsElement} */ (el("details", { class: "picture-figures" }, el("summary", {}, words.picture.figures), ...inside));
  library().then((found) => (box.open = found === null));
  return box;
}

export class Picture {
  /** Where it is drawn; put it into the page. */
  element;
  /** @type {Drawing | null} */
  #drawing = null;
  /** @type {any} */
  #chart = null;
  #drawn = "";
  #due = 0;
  #size = new ResizeObserver(() => this.#fit());

  /** @param {string} kind under which its height stands in a style sheet @param {number} [rows] or how many it is high */
  constructor(kind, rows = 0) {
    this.element = el("div", { class: "picture", "data-kind": kind, "data-rows": rows > 0, hidden: !address });
    if (rows) this.element.style.setProperty("--rows", String(rows));
  }

  /** Draw this, as soon as it has a place. @param {Drawing} drawing */
  show(drawing) {
    this.#drawing = drawing;
    this.#size.observe(this.element);
    this.#later();
  }

  #later() {
    this.#due ||= requestAnimationFrame(() => this.#draw());
  }

  async #draw() {
    const found = await library();
    this.#due = 0;
    this.element.hidden = found === null;
    if (!found || !this.#drawing || !this.element.clientWidth) return; // its size will say when it has a place
    const em = parseFloat(getComputedStyle(this.element).fontSize);
    const { tooltip, ...own } = this.#drawing.option(em, this.element.clientWidth);
    const option = {
      ...ground(em),
      ...own,
      tooltip: { ...tip(em), formatter: (/** @type {any} */ at) => this.#tell(at), ...tooltip },
      aria: { enabled: true, label: { description: this.#drawing.told } },
    };
    const drawn = JSON.stringify(option);
    if (drawn === this.#drawn) return;
    this.#chart ??= this.#begin(found);
    this.#chart.setOption(option, { notMerge: true });
    this.#drawn = drawn;
    this.#frame();
  }

  /** @param {Library} found */
  #begin(found) {
    const chart = found.init(this.element, null, { renderer: "svg" });
    const ground = chart.getZr();
    ground.on("click", (/** @type {any} */ click) => {
      const href = this.#behind(click);
      if (!href) return;
      if (click.event.ctrlKey || click.event.metaKey || click.event.shiftKey) window.open(href, "_blank", "noopener");
      else location.assign(href);
    });
    ground.on("mousemove", (/** @type {any} */ move) => ground.setCursorStyle(this.#behind(move) ? "pointer" : "default"));
    return chart;
  }

  /** The whole column is what is clicked: a bar may be a pixel high. @param {{offsetX: number, offsetY: number}} at */
  #behind({ offsetX, offsetY }) {
    const where = { gridIndex: 0 };
    if (!this.#drawing?.opens || !this.#chart.containPixel(where, [offsetX, offsetY])) return "";
    const [x, y] = this.#chart.convertFromPixel(where, [offsetX, offsetY]);
    const [, middle] = this.#chart.convertToPixel(where, [x, y]);
    return this.#drawing.opens(Math.round(x), Math.round(y), { x, isBelow: offsetY > middle });
  }

  /** @param {any} at one thing, or those of one column */
  #tell(at) {
    const [one] = [at].flat();
    return el("div", {}, (this.#drawing?.tip(one.dataIndex) ?? []).map((line) => el("div", {}, line)));
  }

  #fit() {
    if (!this.element.isConnected) return this.#drop();
    if (matchMedia("print").matches) return; // paper scales what stands: it has no height of its own
    if (!this.element.clientWidth) return;
    this.#chart?.resize();
    this.#frame();
    this.#later(); // letters may have another size, too
  }

  /** On paper it is as wide as the paper: only a picture that knows its own size can be made larger and smaller. */
  #frame() {
    if (!this.#chart) return;
    this.element.querySelector("svg")?.setAttribute("viewBox", `0 0 ${this.#chart.getWidth()} ${this.#chart.getHeight()}`);
  }

  #drop() {
    cancelAnimationFrame(this.#due);
    this.#size.disconnect();
    this.#chart?.dispose();
    [this.#chart, this.#drawn, this.#due] = [null, "", 0];
  }
}

/** @param {number} em */
function ground(em) {
  return {
    animation: false,
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: "var(--text)" },
    grid: { left: 2, right: 2, top: em, bottom: 2, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
  };
}

/** @param {number} em */
function tip(em) {
  return {
    trigger: "axis",
    confine: true, // else it gets an arrow that breaks the content policy
    transitionDuration: 0,
    axisPointer: { type: "shadow", animation: false, shadowStyle: { color: "var(--accent)", opacity: 0.12 } },
    backgroundColor: "var(--panel)",
    textStyle: { color: "var(--text)", fontSize: 0.9 * em },
    extraCssText: "border-color: var(--line); white-space: normal; max-width: 26em",
  };
}
