/**
 * Pings connections without a timer for each. Every second it visits one slice of them: it closes each connection that sent
 * nothing since its last ping, and pings the others. It uses WebSocket pings, because every WebSocket library answers them.
 */
import type { Clock } from "../core/ports/clock.ts";

export interface Heartbeating {
  /** Set by a ping. The caller clears it when the client sends anything. */
  isAwaitingAnswer: boolean;
  /** Its slice and its index in the slice; -1 after it was removed. */
  heartbeatSlice: number;
  heartbeatIndex: number;
  ping(): void;
  /** Called if the last ping was not answered. */
  giveUp(): void;
}

export interface LastPing {
  readonly atMs: number;
  readonly isAnswered: boolean;
}

const tickMs = 1_000;

export class Heartbeat<One extends Heartbeating> {
  /** Arrays, in which each connection stores its index: sets take about 70 bytes more per connection. */
  readonly #slices: One[][];
  /** The last ping time of each slice, so that connections need not store it. */
  readonly #pingedAtMs: number[] = [];
  readonly #clock: Clock;
  #next = 0;

  constructor(clock: Clock, intervalMs: number) {
    this.#clock = clock;
    this.#slices = Array.from({ length: Math.max(1, Math.round(intervalMs / tickMs)) }, () => []);
  }

  /** Chooses a random slice, so that connections opened in the same second are not pinged together. */
  add(one: One): void {
    one.heartbeatSlice = Math.floor(Math.random() * this.#slices.length);
    one.heartbeatIndex = this.#sliceAt(one.heartbeatSlice).push(one) - 1;
  }

  remove(one: One): void {
    const slice = this.#sliceAt(one.heartbeatSlice);
    if (slice[one.heartbeatIndex] !== one) return;
    const last = slice.pop();
    if (last !== undefined && last !== one) {
      slice[one.heartbeatIndex] = last;
      last.heartbeatIndex = one.heartbeatIndex;
    }
    one.heartbeatIndex = -1;
  }

  /** The last ping of a connection added at `addedAtMs`; null if it has not been pinged yet. */
  lastPing({ heartbeatSlice, isAwaitingAnswer }: One, addedAtMs: number): LastPing | null {
    const atMs = this.#pingedAtMs[heartbeatSlice] ?? 0;
    return atMs > addedAtMs ? { atMs, isAnswered: !isAwaitingAnswer } : null;
  }

  *all(): Iterable<One> {
    for (const slice of this.#slices) yield* slice;
  }

  /** Call it once per second. */
  tick(): void {
    // A copy, because removing a connection moves the last one to its index.
    for (const one of [...this.#sliceAt(this.#next)]) {
      if (one.heartbeatIndex < 0) continue;
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
