// @ts-check
// Ask the API; an error becomes an Error whose message is its stable id, with the facts beside it in `details`.

// Who signs out is led to the door, where what was left in the tab is dropped: what is refused meanwhile leads nobody back here.
let isSigningOut = false;
document.addEventListener("submit", ({ target }) => {
  isSigningOut ||= /** @type {HTMLFormElement} */ (target).getAttribute("action") === "/sign-out";
});

/** To the sign-in form, and from there back to this page. */
export function turnToDoor() {
  if (isSigningOut) return;
  location.assign(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`);
}

/**
 * @param {string} address
 * @param {any} [body] sent as JSON; without one it is a GET
 * @param {string} [method] of what has a body
 * @returns {Promise<any>}
 */
export async function ask(address, body, method = "POST") {
  const answer = await fetch(
    address,
    body === undefined
      ? {}
      : { method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) },
  );
  if (answer.status === 401) turnToDoor();
  const told = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(told.error?.id ?? String(answer.status)), { details: told.error?.details });
  return told;
}
