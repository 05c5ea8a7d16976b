/**
 * Extracts parts of a JSON text without changing them. Parsing and printing a number would lose digits:
 * 1234567890123456789 and 1.50 would become 1234567890123456800 and 1.5, and 1E400 null. All functions require valid
 * JSON.
 */
import { ownText } from "./own-text.ts";

/** The default depth limit of PHP's json_decode. */
const levelsMax = 512;

const [quote, backslash, comma, openBracket, closeBracket, openBrace, closeBrace] = Buffer.from('"\\,[]{}');

/** The JSON text of an object's member; null if it has none. If a key is repeated, the last one applies. */
export function memberText(object: string, key: string): string | null {
  let found: string | null = null;
  for (const [start, end] of partsOf(object)) {
    const keyEnd = endOfString(object, start);
    if (!isKey(object.slice(start, keyEnd), key)) continue;
    found = object.slice(object.indexOf(":", keyEnd) + 1, end);
  }
  return found === null ? null : ownText(found.trim());
}

/** The JSON text of each element of an array. */
export function elementTexts(array: string): string[] {
  return Array.from(partsOf(array), ([start, end]) => ownText(array.slice(start, end).trim()));
}

/** Whether arrays and objects are nested more than 512 levels deep, which some receivers cannot decode. */
export function isNestedTooDeeply(json: string): boolean {
  let level = 0;
  for (let at = 0; at < json.length; at++) {
    const code = json.charCodeAt(at);
    if (code === quote) at = endOfString(json, at) - 1;
    else if (code === openBracket || code === openBrace) level += 1;
    else if (code === closeBracket || code === closeBrace) level -= 1;
    if (level > levelsMax) return true;
  }
  return false;
}

/** The range of each member or element, from its first character to the comma or bracket after it (excluded). */
function* partsOf(json: string): Generator<readonly [start: number, end: number]> {
  let start = json.search(/\S/) + 1;
  let level = 0;
  for (let at = start; at < json.length; at++) {
    const code = json.charCodeAt(at);
    if (code === quote) at = endOfString(json, at) - 1;
    else if (code === openBracket || code === openBrace) level += 1;
    else if (level === 0 && (code === comma || code === closeBracket || code === closeBrace)) {
      const first = start + json.slice(start, at).search(/\S/);
      if (first >= start) yield [first, at];
      if (code !== comma) return;
      start = at + 1;
    } else if (code === closeBracket || code === closeBrace) level -= 1;
  }
}

/** The index after the closing quote of the string that begins at `start`. */
function endOfString(json: string, start: number): number {
  let at = start + 1;
  while (at < json.length && json.charCodeAt(at) !== quote) at += json.charCodeAt(at) === backslash ? 2 : 1;
  return at + 1;
}

function isKey(written: string, key: string): boolean {
  return written.includes("\\") ? JSON.parse(written) === key : written === `"${key}"`;
}
