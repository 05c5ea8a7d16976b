/** Finds WebSocket frames in the chunks of a TCP stream. It copies no frame that lies in one chunk. */

export const opcode = { text: 1, close: 8, ping: 9, pong: 10 } as const;

/** Called for each frame, with the buffer that holds it and the offsets of its payload in that buffer. */
export type OnFrame = (op: number, bytes: Uint8Array, start: number, end: number) => void;

const empty = new Uint8Array(0);
const headerBytesMax = 10;

export class FrameReader {
  readonly #onFrame: OnFrame;
  /** The start of a frame whose rest has not arrived; the first `#carried` bytes are valid. */
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

  /** Returns the offset in the chunk after the bytes that complete the carried frame. */
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
      throw new Error("the server sent a fragmented frame; this client supports only unfragmented frames");
    this.#onFrame(first & 0x0f, bytes, at + headerSize(bytes[at + 1] ?? 0), at + size);
  }
}

function headerSize(lengthByte: number): number {
  return lengthByte < 126 ? 2 : lengthByte === 126 ? 4 : headerBytesMax;
}

/** The size of header and payload in bytes; -1 if the header is incomplete. A server does not mask its frames. */
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

/** A client's frame. The mask is zero: the protocol allows it, and the payload stays unchanged. */
export function clientFrame(op: number, payload: Uint8Array): Uint8Array {
  const { length } = payload;
  const head = length < 126 ? [0x80 | length] : [0x80 | 126, length >> 8, length & 0xff];
  if (length > 0xffff) throw new RangeError(`a client frame must have at most 65535 bytes, got ${length}`);
  const frame = new Uint8Array(1 + head.length + 4 + length);
  frame[0] = 0x80 | op;
  frame.set(head, 1);
  frame.set(payload, 1 + head.length + 4);
  return frame;
}
