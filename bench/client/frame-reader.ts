/** Finds WebSocket frames in the chunks of a TCP stream; a frame that lies in one chunk is never copied. */

export const opcode = { text: 1, close: 8, ping: 9, pong: 10 } as const;

/** Called for each frame with the buffer that holds it and the bounds of its payload there. */
export type OnFrame = (op: number, bytes: Uint8Array, start: number, end: number) => void;

const empty = new Uint8Array(0);
const headerBytesMax = 10;

export class FrameReader {
  readonly #onFrame: OnFrame;
  /** The beginning of a frame whose rest is still to come; `#carried` bytes of it are filled. */
  #carry = empty;
  #carried = 0;

  constructor(onFrame: OnFrame) {
    this.#onFrame = onFrame;
  }

  push(chunk: Uint8Array): void {
    let at = this.#carried === 0 ? 0 : this.#finishCarried(chunk);
    while (at < chunk.length) {
      const size = frameSize(chunk, at, chunk.length);
      if (size < 0 || at + size > chunk.length) break;
      this.#dispatch(chunk, at, size);
      at += size;
    }
    if (at < chunk.length) this.#keep(chunk, at, chunk.length);
  }

  /** Answers where the chunk's own frames begin. */
  #finishCarried(chunk: Uint8Array): number {
    let at = 0;
    let size = frameSize(this.#carry, 0, this.#carried);
    while (size < 0 && at < chunk.length) {
      this.#keep(chunk, at, at + 1);
      at += 1;
      size = frameSize(this.#carry, 0, this.#carried);
    }
    if (size < 0) return at;
    const until = Math.min(chunk.length, at + size - this.#carried);
    this.#keep(chunk, at, until);
    if (this.#carried === size) {
      const whole = this.#carry;
      this.#carry = empty;
      this.#carried = 0;
      this.#dispatch(whole, 0, size);
    }
    return until;
  }

  #keep(chunk: Uint8Array, from: number, until: number): void {
    const needed = this.#carried + until - from;
    if (needed > this.#carry.length) {
      const larger = new Uint8Array(Math.max(needed, 2 * this.#carry.length, headerBytesMax));
      larger.set(this.#carry.subarray(0, this.#carried));
      this.#carry = larger;
    }
    this.#carry.set(chunk.subarray(from, until), this.#carried);
    this.#carried = needed;
  }

  #dispatch(bytes: Uint8Array, at: number, size: number): void {
    const first = bytes[at] ?? 0;
    if ((first & 0x80) === 0)
      throw new Error("the server sent a fragmented frame; this client reads whole ones");
    this.#onFrame(first & 0x0f, bytes, at + headerSize(bytes[at + 1] ?? 0), at + size);
  }
}

function headerSize(lengthByte: number): number {
  return lengthByte < 126 ? 2 : lengthByte === 126 ? 4 : headerBytesMax;
}

/** Header and payload together, in bytes; -1 while the header is incomplete. Frames from a server are not masked. */
function frameSize(bytes: Uint8Array, at: number, end: number): number {
  if (end - at < 2) return -1;
  const length = bytes[at + 1] ?? 0;
  if (length < 126) return 2 + length;
  const header = headerSize(length);
  if (end - at < header) return -1;
  let payload = 0;
  for (let index = at + 2; index < at + header; index += 1) payload = payload * 256 + (bytes[index] ?? 0);
  return header + payload;
}

/** A client's frame. The mask is zero, which the protocol allows and which leaves the payload as it is. */
export function clientFrame(op: number, payload: Uint8Array): Uint8Array {
  const { length } = payload;
  const head = length < 126 ? [0x80 | length] : [0x80 | 126, length >> 8, length & 0xff];
  if (length > 0xffff) throw new RangeError(`a client frame holds at most 65535 bytes here, got ${length}`);
  const frame = new Uint8Array(1 + head.length + 4 + length);
  frame[0] = 0x80 | op;
  frame.set(head, 1);
  frame.set(payload, 1 + head.length + 4);
  return frame;
}
