/** Reads a stream of server-sent events. */

export interface ServerSentEvent {
  readonly name: string;
  readonly data: string;
}

/** Longer than any event that the server sends. Limits the memory for a stream without line breaks. */
const pendingCharactersMax = 4_194_304;

/** @throws if an event is longer than 4 Mi characters */
export async function* readServerSentEvents(response: Response): AsyncGenerator<ServerSentEvent> {
  const decoder = new TextDecoder();
  let pending = "";
  for await (const chunk of response.body ?? []) {
    pending += decoder.decode(chunk, { stream: true }).replaceAll("\r", "");
    const blocks = pending.split("\n\n");
    pending = blocks.pop() ?? "";
    if (pending.length > pendingCharactersMax) throw new Error("The server sent an event that is too long");
    for (const block of blocks) {
      const event = parseBlock(block);
      if (event !== null) yield event;
    }
  }
}

/** Null for a comment, such as the ones that keep a stream open. */
function parseBlock(block: string): ServerSentEvent | null {
  let name = "message";
  const data: string[] = [];
  for (const line of block.split("\n")) {
    const [field = "", ...rest] = line.split(":");
    const value = rest.join(":").replace(/^ /, "");
    if (field === "event") name = value;
    else if (field === "data") data.push(value);
  }
  return data.length === 0 ? null : { name, data: data.join("\n") };
}
