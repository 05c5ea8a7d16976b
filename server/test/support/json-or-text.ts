/** What the data of a frame says, where it is JSON; else the text itself. */
export function jsonOrText(data: unknown): unknown {
  if (typeof data !== "string") return data;
  try {
    return JSON.parse(data);
  } catch {
    return data;
  }
}
