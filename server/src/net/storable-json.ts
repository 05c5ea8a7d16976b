/** Parses JSON whose texts every database can store. */

/** PostgreSQL cannot store the character NUL and other databases truncate or store it, so it is refused everywhere. */
const nul = "\0";

/** A text contains the character NUL. */
export class NulInText extends Error {}

/** @throws NulInText if a text or a key in it contains NUL; SyntaxError if it is not JSON */
export function parseStorableJson(text: string): unknown {
  // JSON can contain it only as an escape.
  return /\\u0000/.test(text) ? JSON.parse(text, refuseNul) : JSON.parse(text);
}

/** @throws NulInText */
export function refuseNulInUrl(url: string): void {
  if (url.includes("%00"))
    throw new NulInText("The path and the query must not contain the character NUL (%00)");
}

function refuseNul(name: string, value: unknown): unknown {
  if (name.includes(nul) || (typeof value === "string" && value.includes(nul)))
    throw new NulInText(
      `Texts must not contain the character NUL (\\u0000)${name === "" ? "" : `: see ${JSON.stringify(name.slice(0, 100))}`}`,
    );
  return value;
}
