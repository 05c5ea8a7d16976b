/** The text without what it was cut from: a slice of a string keeps the whole of it in memory. For texts that are kept. */
export function ownText(text: string): string {
  return Buffer.from(text).toString();
}
