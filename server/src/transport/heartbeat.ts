/**
 * Pings connections without a timer for each. Every second it visits one slice of them: it closes each connection that sent
 * nothing since its last ping, and pings the others. It uses WebSocket pings, because every WebSocket library answers them.
 */
import type { Clock } from "../core/ports/clock.ts";

export interface Heartbeating {
  /** Set by a ping. The caller clears it when the client sends anything. */
  isAwaitingAnswer: boolean;
  /** Set by the heartbeat: its slice and its index in the slice, as one number; -1 before it was added and after it was removed. */
  heartbeatPosition: number;
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
    const number = Math.floor(Math.random() * this.#slices.length);
    const index = this.#sliceAt(number).push(one) - 1;
    one.heartbeatPosition = index * this.#slices.length + number;
  }

  remove(one: One): void {
    const { heartbeatPosition: position } = one;
    const slice = this.#sliceAt(this.#sliceNumber(position));
    const index = Math.floor(position / this.#slices.length);
    if (slice[index] !== one) return;
    const last = slice.pop();
    if (last !== undefined && last !== one) {
      slice[index] = last;
      last.heartbeatPosition = position;
    }
    one.heartbeatPosition = -1;
  }

  /** The last ping of a connection added at `addedAtMs`; null if it has not been pinged yet. */
  lastPing({ heartbeatPosition, isAwaitingAnswer }: One, addedAtMs: number): LastPing | null {
    const atMs = this.#pingedAtMs[this.#sliceNumber(heartbeatPosition)] ?? 0;
    return atMs > addedAtMs ? { atMs, isAnswered: !isAwaitingAnswer } : null;
  }

  *all(): Iterable<One> {
    for (const slice of this.#slices) yield* slice;
  }

  /** Call it once per second. */
  tick(): void {
    // A copy, because removing a connection moves the last one to its index.
    for (const one of [...this.#sliceAt(this.#next)]) {
      if (one.heartbeatPosition < 0) continue;
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

  #sliceNumber(position: number): number {
    return position % this.#slices.length;
  }

  #sliceAt(index: number): One[] {
    return this.#slices[index] ?? [];
  }
}
