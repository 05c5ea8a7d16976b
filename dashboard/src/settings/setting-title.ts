/** `eventPayloadBytesMax` → `Event payload bytes, at most`. */
export function titleOf(name: string): string {
  const words = name
    .replace(/Enabled$/, "")
    .replace(/Max$/, ", at most")
    .replace(/Ms(?=,|$)/, " (ms)")
    .replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
    .replace(" , at", ", at");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
