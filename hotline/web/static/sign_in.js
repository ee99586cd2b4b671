// @ts-check
// The door: what a person who worked in this tab left in it is dropped, unless they come back after a session that ran out.

import { dropWhatIsLeft, keepFor } from "./left_here.js";

const form = /** @type {HTMLFormElement} */ (document.querySelector('form[action="/sign-in"]'));
const name = /** @type {HTMLInputElement} */ (form.elements.namedItem("name"));

if (!form.elements.namedItem("next")) dropWhatIsLeft(); // who was sent here from a page may be in the middle of a call
form.addEventListener("submit", () => keepFor(name.value.trim().toLowerCase())); // as accounts are named
