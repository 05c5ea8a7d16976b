/** The parsed data of a frame if it is JSON, else the text. */
export function jsonOrText(data: unknown): unknown {
  if (typeof data !== "string") return data;
  try {
    return JSON.parse(data);
  } catch {
    return data;
  }
}
