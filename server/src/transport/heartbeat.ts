/**
 * Pings connections without a timer for each. Every second it visits one slice of them: each is pinged, and closed where it
 * has not been heard since the last ping. WebSocket pings, because every stack answers those.
 */
import type { Clock } from "../core/ports/clock.ts";

export interface Heartbeating {
  /** Set by a ping; whoever hears anything from the other side unsets it. */
  isAwaitingAnswer: boolean;
  /** Where the heartbeat keeps it: which slice, and where in there; -1 once it is removed. */
  heartbeatSlice: number;
  heartbeatPlace: number;
  ping(): void;
  /** No answer came to the last ping. */
  giveUp(): void;
}

export interface LastPing {
  readonly atMs: number;
  readonly isAnswered: boolean;
}

const tickMs = 1_000;

export class Heartbeat<One extends Heartbeating> {
  /** Arrays, of which each knows its place: a set takes some 70 bytes more for each connection. */
  readonly #slices: One[][];
  /** When each slice was last pinged: no connection need keep it. */
  readonly #pingedAtMs: number[] = [];
  readonly #clock: Clock;
  #next = 0;

  constructor(clock: Clock, intervalMs: number) {
    this.#clock = clock;
    this.#slices = Array.from({ length: Math.max(1, Math.round(intervalMs / tickMs)) }, () => []);
  }

  /** The slice is drawn at random, so that the connections of a storm are not pinged all at once. */
  add(one: One): void {
    one.heartbeatSlice = Math.floor(Math.random() * this.#slices.length);
    one.heartbeatPlace = this.#sliceAt(one.heartbeatSlice).push(one) - 1;
  }

  remove(one: One): void {
    const slice = this.#sliceAt(one.heartbeatSlice);
    if (slice[one.heartbeatPlace] !== one) return;
    const last = slice.pop();
    if (last !== undefined && last !== one) {
      slice[one.heartbeatPlace] = last;
      last.heartbeatPlace = one.heartbeatPlace;
    }
    one.heartbeatPlace = -1;
  }

  /** Of one that was added at `addedAtMs`; null where no ping has come to it since. */
  lastPing({ heartbeatSlice, isAwaitingAnswer }: One, addedAtMs: number): LastPing | null {
    const atMs = this.#pingedAtMs[heartbeatSlice] ?? 0;
    return atMs > addedAtMs ? { atMs, isAnswered: !isAwaitingAnswer } : null;
  }

  *all(): Iterable<One> {
    for (const slice of this.#slices) yield* slice;
  }

  /** To be called once a second. */
  tick(): void {
    // A copy: whoever ends meanwhile moves another to its place.
    for (const one of [...this.#sliceAt(this.#next)]) {
      if (one.heartbeatPlace < 0) continue;
      if (one.isAwaitingAnswer) {
        one.giveUp();
      } else {
        one.isAwaitingAnswer = true;
        one.ping();
      }
    }
    this.#pingedAtMs[this.#next] = this.#clock.now();
    this.#next = (this.#next + 1) % this.#slices.length;
  }

  #sliceAt(index: number): One[] {
    return this.#slices[index] ?? [];
  }
}
