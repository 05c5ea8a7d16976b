/** Counts deliveries, duplicates and gaps for many subscribers, and measures the latency of each delivery. */
import { Histogram } from "./histogram.ts";
import { nowMicros, readMicros, readSequence } from "./stamp.ts";

/** Events that are published over several HTTP connections may overtake each other by less than this. */
const windowSize = 32;

export class DeliveryAudit {
  readonly latency = new Histogram();
  /** For each subscriber: the lowest sequence number that has not arrived, and a bit for each of the 32 numbers from there. */
  readonly #next: Int32Array;
  readonly #ahead: Int32Array;
  deliveries = 0;
  duplicates = 0;
  frameBytes = 0;

  constructor(subscriberCount: number) {
    this.#next = new Int32Array(subscriberCount);
    this.#ahead = new Int32Array(subscriberCount);
  }

  /** Deliveries without the repeated ones. */
  get distinct(): number {
    return this.deliveries - this.duplicates;
  }

  /** The number of subscribers that have not received all of the first `published` events. */
  incomplete(published: number): number {
    return this.#next.reduce((count, next) => count + (next < published ? 1 : 0), 0);
  }

  /** Records a stamped event of a subscriber that should receive every sequence number. */
  receive(subscriber: number, bytes: Uint8Array, start: number, end: number): void {
    this.receiveSome(bytes, start, end);
    this.#see(subscriber, readSequence(bytes, end));
  }

  /** Records a stamped event of a subscriber that should receive only some: counts and times it, without a check for gaps. */
  receiveSome(bytes: Uint8Array, start: number, end: number): void {
    this.deliveries += 1;
    this.frameBytes = end - start;
    this.latency.record(nowMicros() - readMicros(bytes, end));
  }

  #see(subscriber: number, sequence: number): void {
    const next = this.#next[subscriber] ?? 0;
    const ahead = this.#ahead[subscriber] ?? 0;
    const distance = sequence - next;
    if (distance < 0 || (distance < windowSize && (ahead >>> distance) & 1)) {
      this.duplicates += 1;
      return;
    }
    // Events between are lost: `next` stays, so the subscriber counts as incomplete.
    if (distance >= windowSize) return;
    let seen = (ahead | (1 << distance)) >>> 0;
    let least = next;
    while (seen & 1) {
      seen >>>= 1;
      least += 1;
    }
    this.#next[subscriber] = least;
    this.#ahead[subscriber] = seen;
  }
}
