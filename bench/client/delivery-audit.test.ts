import { expect, test } from "bun:test";
import { DeliveryAudit } from "./delivery-audit.ts";
import { isStamped, nowMicros, stampedPayload } from "./stamp.ts";

function eventFrame(sequence: number): Uint8Array {
  return Buffer.from(`{"event":"e","channel":"c","data":"${stampedPayload(200, sequence, nowMicros())}"}`);
}

function auditOf(sequences: readonly number[]): DeliveryAudit {
  const audit = new DeliveryAudit(1);
  for (const sequence of sequences) {
    const frame = eventFrame(sequence);
    audit.receive(0, frame, 0, frame.length);
  }
  return audit;
}

test("a stamped payload has the requested size and is recognized among protocol messages", () => {
  expect(stampedPayload(200, 7, 1)).toHaveLength(200);
  const frame = eventFrame(7);
  expect(isStamped(frame, 0, frame.length)).toBe(true);
  const pong = Buffer.from('{"event":"pusher:pong","data":"{}"}');
  expect(isStamped(pong, 0, pong.length)).toBe(false);
});

test("a subscriber is complete after events in order or slightly out of order", () => {
  expect(auditOf([0, 1, 2, 3]).incomplete(4)).toBe(0);
  expect(auditOf([2, 0, 3, 1]).incomplete(4)).toBe(0);
});

test("a subscriber is incomplete after a gap", () => {
  expect(auditOf([0, 2, 3]).incomplete(4)).toBe(1);
  expect(auditOf([0, ...Array.from({ length: 100 }, (_, index) => index + 2)]).incomplete(102)).toBe(1);
});

test("a repeated event is counted before and after the gap closes", () => {
  expect(auditOf([0, 1, 1]).duplicates).toBe(1);
  expect(auditOf([0, 2, 2, 1]).duplicates).toBe(1);
});
