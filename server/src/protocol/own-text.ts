/**
 * A copy of the text. Use it for a slice that is stored: a slice keeps the whole string that it was cut from in
 * memory.
 */
export function ownText(text: string): string {
  return Buffer.from(text).toString();
}
