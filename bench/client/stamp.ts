/**
 * The stamp at the end of a benchmark's payload: sequence number and time of sending. `data` is the last member of an
 * event's frame, so the stamp is at a fixed distance from the end of the frame, and a receiver reads it without parsing
 * JSON.
 */

const sequenceDigits = 9;
const microsDigits = 16;
const stampBytes = 2 + sequenceDigits + microsDigits;
/** The characters after `data` in the frame: `"}`. */
const afterDataBytes = 2;
const bar = "|".charCodeAt(0);
const zero = "0".charCodeAt(0);

/** Microseconds since 1970, on the clock that all processes of the machine share. */
export function nowMicros(): number {
  return Math.floor((performance.timeOrigin + performance.now()) * 1000);
}

/** A payload of exactly `payloadBytes`, stamped. */
export function stampedPayload(payloadBytes: number, sequence: number, micros: number): string {
  const stamp = `|${String(sequence).padStart(sequenceDigits, "0")}|${String(micros).padStart(microsDigits, "0")}`;
  return stamp.padStart(payloadBytes, "x");
}

/** Whether the frame that ends before `end` is a stamped event, not a protocol message. */
export function isStamped(bytes: Uint8Array, start: number, end: number): boolean {
  const at = end - afterDataBytes - stampBytes;
  return at >= start && bytes[at] === bar && bytes[at + 1 + sequenceDigits] === bar;
}

export function readSequence(bytes: Uint8Array, end: number): number {
  return digits(bytes, end - afterDataBytes - microsDigits - 1 - sequenceDigits, sequenceDigits);
}

export function readMicros(bytes: Uint8Array, end: number): number {
  return digits(bytes, end - afterDataBytes - microsDigits, microsDigits);
}

function digits(bytes: Uint8Array, at: number, count: number): number {
  let value = 0;
  for (let index = at; index < at + count; index += 1) value = value * 10 + ((bytes[index] ?? zero) - zero);
  return value;
}
