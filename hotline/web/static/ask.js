// @ts-check
// Ask the API; an error becomes an Error whose message is its stable id.

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
  if (answer.status === 401) location.assign("/sign-in");
  const told = await answer.json();
  if (!answer.ok) throw new Error(told.error?.id ?? String(answer.status));
  return told;
}
