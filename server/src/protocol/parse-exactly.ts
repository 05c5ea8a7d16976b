/** Parses JSON so that printing it again gives the same numbers. The dashboard uses it too, so it needs no Node module. */

/** Not in the library's types yet. Browsers older than 2025 lack `rawJSON`. */
type Reviver = (key: string, value: unknown, context: { readonly source: string }) => unknown;
const { parse, rawJSON } = JSON as unknown as {
  parse(text: string, reviver?: Reviver): unknown;
  rawJSON?(text: string): unknown;
};

/**
 * The value of a JSON text. A number that `String` would print with other digits, such as 1.50 or 1234567890123456789,
 * becomes an object that `JSON.stringify` prints as it was. Without `JSON.rawJSON` it is a plain number.
 * @throws SyntaxError
 */
export function parseExactly(json: string): unknown {
  if (rawJSON === undefined) return parse(json);
  return parse(json, (_, value, { source }) =>
    typeof value === "number" && String(value) !== source ? rawJSON(source) : value,
  );
}
