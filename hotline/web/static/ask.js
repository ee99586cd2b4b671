// @ts-check
// Ask the API; an error becomes an Error whose message is its stable id, with the facts beside it in `details`.

/** To the sign-in form, and from there back to this page. */
export function turnToDoor() {
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
