/** Low-level RFC 6455 frames, so that a test can violate any rule of them. */
import { randomBytes } from "node:crypto";

export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

export interface FrameOptions {
  readonly isFinal?: boolean;
  readonly isMasked?: boolean;
  /** The three reserved bits, 0 to 7; 4 means "compressed". */
  readonly reservedBits?: number;
  /** A length that differs from the actual one. */
  readonly claimedBytes?: number;
}

export interface Frame {
  readonly opcode: number;
  readonly reservedBits: number;
  readonly isFinal: boolean;
  readonly payload: Buffer;
}

export function encodeFrame(
  opcode: number,
  payload: string | Uint8Array,
  options: FrameOptions = {},
): Buffer {
  const { isFinal = true, isMasked = true, reservedBits = 0 } = options;
  const body = Buffer.from(payload as Uint8Array);
  const length = options.claimedBytes ?? body.length;
  const maskBit = isMasked ? 0x80 : 0;
  const first = (isFinal ? 0x80 : 0) | (reservedBits << 4) | opcode;
  const head = encodeLength(first, maskBit, length);
  if (!isMasked) return Buffer.concat([head, body]);
  const mask = randomBytes(4);
  return Buffer.concat([head, mask, xor(body, mask)]);
}

function encodeLength(first: number, maskBit: number, length: number): Buffer {
  if (length < 126) return Buffer.from([first, maskBit | length]);
  if (length < 65_536) {
    const head = Buffer.from([first, maskBit | 126, 0, 0]);
    head.writeUInt16BE(length, 2);
    return head;
  }
  const head = Buffer.alloc(10);
  head[0] = first;
  head[1] = maskBit | 127;
  head.writeBigUInt64BE(BigInt(length), 2);
  return head;
}

function xor(body: Buffer, mask: Buffer): Buffer {
  return body.map((byte, index) => byte ^ (mask[index % 4] ?? 0)) as Buffer;
}

/** Parses the server's bytes into complete frames. Server frames have no mask. */
export class FrameReader {
  #buffer = Buffer.alloc(0);

  read(bytes: Uint8Array): Frame[] {
    this.#buffer = Buffer.concat([this.#buffer, bytes]);
    const frames: Frame[] = [];
    for (let frame = this.#take(); frame !== null; frame = this.#take()) frames.push(frame);
    return frames;
  }

  #take(): Frame | null {
    const buffer = this.#buffer;
    if (buffer.length < 2) return null;
    const first = buffer.readUInt8(0);
    const second = buffer.readUInt8(1);
    if ((second & 0x80) !== 0) throw new Error("The server sent a masked frame");
    const size = sizeOf(buffer, second & 0x7f);
    if (size === null || buffer.length < size.head + size.body) return null;
    const payload = Buffer.from(buffer.subarray(size.head, size.head + size.body));
    this.#buffer = buffer.subarray(size.head + size.body);
    return { opcode: first & 0x0f, reservedBits: (first >> 4) & 7, isFinal: (first & 0x80) !== 0, payload };
  }
}

function sizeOf(buffer: Buffer, short: number): { head: number; body: number } | null {
  if (short < 126) return { head: 2, body: short };
  if (short === 126) return buffer.length < 4 ? null : { head: 4, body: buffer.readUInt16BE(2) };
  return buffer.length < 10 ? null : { head: 10, body: Number(buffer.readBigUInt64BE(2)) };
}
