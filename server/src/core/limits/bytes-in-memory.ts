/**
 * The most bytes that a string takes in memory, without the 20 or so of its header: one for each UTF-16 unit of an ASCII
 * text, two for each unit of any other. One character above U+00FF doubles the size of the whole string, and a text
 * that was decoded from UTF-8 takes two bytes per unit from U+0080 on.
 */
export function bytesInMemory(text: string): number {
  return Buffer.byteLength(text) === text.length ? text.length : text.length * 2;
}
