import { expect, test } from "bun:test";
import { FrameReader, opcode } from "./frame-reader.ts";

function serverFrame(text: string): number[] {
  const payload = [...Buffer.from(text)];
  const { length } = payload;
  if (length < 126) return [0x81, length, ...payload];
  if (length < 65_536) return [0x81, 126, length >> 8, length & 255, ...payload];
  return [0x81, 127, 0, 0, 0, 0, 0, (length >> 16) & 255, (length >> 8) & 255, length & 255, ...payload];
}

const texts = ["", "a", "b".repeat(125), "c".repeat(126), "d".repeat(300), "e".repeat(70_000), "last"];
const stream = Uint8Array.from(texts.flatMap(serverFrame));

for (const chunkBytes of [1, 2, 3, 7, 128, 1000, 65_536, stream.length]) {
  test(`the reader finds the same frames in chunks of ${chunkBytes} bytes`, () => {
    const seen: string[] = [];
    const reader = new FrameReader((op, bytes, start, end) => {
      expect(op).toBe(opcode.text);
      seen.push(Buffer.from(bytes.subarray(start, end)).toString());
    });
    for (let at = 0; at < stream.length; at += chunkBytes) reader.push(stream.subarray(at, at + chunkBytes));
    expect(seen).toEqual(texts);
  });
}
