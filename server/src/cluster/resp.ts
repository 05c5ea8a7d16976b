/** The protocol of Redis, RESP version 2: encodes commands, and reads replies from the received bytes. */

/** A reply. `Error` is only an `ErrorReply`; errors also occur within arrays. */
export type Reply = string | number | null | ErrorReply | Reply[];

/** An error with which Redis answered a command. Its message begins with a code, such as `WRONGTYPE`. */
export class ErrorReply extends Error {
  override readonly name = "ErrorReply";
}

/** A command as Redis reads it. */
export function encodeCommand(args: readonly string[]): string {
  let text = `*${args.length}\r\n`;
  for (const arg of args) text += `$${Buffer.byteLength(arg)}\r\n${arg}\r\n`;
  return text;
}

/** An array of which some items are still to come. */
interface OpenArray {
  readonly items: Reply[];
  readonly length: number;
}

const carriageReturn = 13;
const [plus, minus, colon, dollar, star] = [43, 45, 58, 36, 42];
const [zero, nine] = [48, 57];

/** Reads replies from bytes that may be split anywhere. */
export class RespReader {
  readonly #onReply: (reply: Reply) => void;
  /** Received bytes that do not complete a value, in parts so that a long value is copied only once. */
  #parts: Buffer[] = [];
  #partsLength = 0;
  /** The minimum number of bytes that complete the value at the beginning of the parts. */
  #neededLength = 0;
  #bytes: Buffer = Buffer.alloc(0);
  /** The position in `#bytes` of the next value. */
  #at = 0;
  /** Incomplete arrays, the innermost last. */
  readonly #open: OpenArray[] = [];

  /** @param onReply called synchronously for each reply, in order */
  constructor(onReply: (reply: Reply) => void) {
    this.#onReply = onReply;
  }

  /** @throws Error if the bytes are not RESP 2. The reader must not be used afterwards. */
  push(chunk: Buffer): void {
    this.#bytes = chunk;
    if (this.#parts.length > 0) {
      this.#parts.push(chunk);
      this.#partsLength += chunk.length;
      if (this.#partsLength < this.#neededLength) return;
      this.#bytes = Buffer.concat(this.#parts, this.#partsLength);
      this.#parts = [];
    }
    this.#at = 0;
    while (this.#at < this.#bytes.length) if (!this.#readValue()) break;
    if (this.#at === this.#bytes.length) return;
    const rest = this.#bytes.subarray(this.#at);
    this.#parts.push(rest);
    this.#partsLength = rest.length;
  }

  /** Reads one value, or the beginning of an array. Returns false if it is incomplete. */
  #readValue(): boolean {
    const bytes = this.#bytes;
    const start = this.#at + 1;
    const end = bytes.indexOf(carriageReturn, start);
    const next = end + 2;
    if (end < 0 || next > bytes.length) {
      this.#neededLength = bytes.length - this.#at + 1;
      return false;
    }
    const type = bytes[this.#at];
    switch (type) {
      case dollar: {
        const length = this.#numberAt(start, end);
        if (length >= 0) return this.#readBulk(next, length);
        this.#at = next;
        this.#add(null);
        return true;
      }
      case star:
        this.#at = next;
        this.#openArray(this.#numberAt(start, end));
        return true;
      case colon:
        this.#at = next;
        this.#add(this.#numberAt(start, end));
        return true;
      case plus:
      case minus: {
        this.#at = next;
        const text = bytes.toString("utf8", start, end);
        this.#add(type === plus ? text : new ErrorReply(text));
        return true;
      }
      default:
        throw new Error(`Redis sent a reply that begins with the byte ${type}, which is not RESP 2`);
    }
  }

  #readBulk(start: number, length: number): boolean {
    const end = start + length;
    if (end + 2 > this.#bytes.length) {
      this.#neededLength = end + 2 - this.#at;
      return false;
    }
    this.#at = end + 2;
    this.#add(this.#bytes.toString("utf8", start, end));
    return true;
  }

  #openArray(length: number): void {
    if (length > 0) this.#open.push({ items: [], length });
    else this.#add(length < 0 ? null : []);
  }

  #add(value: Reply): void {
    let reply = value;
    for (let array = this.#open.at(-1); array !== undefined; array = this.#open.at(-1)) {
      array.items.push(reply);
      if (array.items.length < array.length) return;
      this.#open.pop();
      reply = array.items;
    }
    this.#onReply(reply);
  }

  #numberAt(start: number, end: number): number {
    const isNegative = this.#bytes[start] === minus;
    const first = isNegative ? start + 1 : start;
    let value = 0;
    for (let at = first; at < end; at++) {
      const byte = this.#bytes[at] ?? 0;
      if (byte < zero || byte > nine)
        throw new Error("Redis sent a number with other characters than digits");
      value = value * 10 + byte - zero;
    }
    if (first === end) throw new Error("Redis sent a number without digits");
    return isNegative ? -value : value;
  }
}
