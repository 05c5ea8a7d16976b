/** JSON whose texts every database can keep. */

/** PostgreSQL keeps no text with the character NUL, and others cut it off or keep it: so it is taken nowhere. */
const nul = "\0";

/** A text that holds the character NUL. */
export class NulInText extends Error {}

/** @throws NulInText where a text or a name in it holds NUL; SyntaxError where it is not JSON */
export function parseStorableJson(text: string): unknown {
  // In JSON it can only be written as an escape.
  return /\\u0000/.test(text) ? JSON.parse(text, refuseNul) : JSON.parse(text);
}

/** @throws NulInText */
export function refuseNulInUrl(url: string): void {
  if (url.includes("%00")) throw new NulInText("The path and the query may not hold the character NUL (%00)");
}

function refuseNul(name: string, value: unknown): unknown {
  if (name.includes(nul) || (typeof value === "string" && value.includes(nul)))
    throw new NulInText(
      `No text may hold the character NUL (\\u0000)${name === "" ? "" : `: see ${JSON.stringify(name.slice(0, 100))}`}`,
    );
  return value;
}
