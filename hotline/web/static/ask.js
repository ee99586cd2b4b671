// @ts-check
// Ask the API; an error becomes an Error whose message is its stable id.

/** To the sign-in form, and from there back to this page. */
export function turnToDoor() {
  location.assign(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`);
}

/**
 * @param {string} address
 * @param {any} [body] sent as JSON by POST; without one it is a GET
 * @returns {Promise<any>}
 */
export async function ask(address, body) {
  const answer = await fetch(
    address,
    body === undefined
      ? {}
      : { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) },
  );
  if (answer.status === 401) turnToDoor();
  const told = await answer.json();
  if (!answer.ok) throw new Error(told.error?.id ?? String(answer.status));
  return told;
}
