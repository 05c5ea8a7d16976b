/** The text, cut to a number of characters and marked with "…" if it is longer. For error messages. */
export function shorten(text: string, lengthMax: number): string {
  return text.length > lengthMax ? `${text.slice(0, lengthMax)}…` : text;
}
