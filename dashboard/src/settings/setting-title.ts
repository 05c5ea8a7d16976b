/** `eventPayloadBytesMax` → `Max event payload bytes`. */
export function titleOf(name: string): string {
  const words = name
    .replace(/Enabled$/, "")
    .replace(/^(.)(.*)Max$/, (_, first: string, rest: string) => `max${first.toUpperCase()}${rest}`)
    .replace(/Ms$/, " (ms)")
    .replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
}
