/** Virtual time: it advances when no work is left. Thousands of seconds of a cluster run in one real second. */
import { drainMicrotasks } from "bun:jsc";
import type { Clock } from "../../src/core/ports/clock.ts";

interface Task {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
  isCancelled: boolean;
}

/** Times are multiples of this, so that tasks often run at the same time, like the messages of one read. */
const quantumMs = 0.25;

export class World implements Clock {
  readonly startMs = Date.UTC(2026, 0, 1);
  #nowMs = this.startMs;
  #order = 0;
  /** A binary heap: earliest task first, then in the order of planning. */
  readonly #heap: Task[] = [];

  now(): number {
    return this.#nowMs;
  }

  /** The time since the start. */
  get elapsedMs(): number {
    return this.#nowMs - this.startMs;
  }

  after(delayMs: number, run: () => void): () => void {
    const task = this.#plan(this.#nowMs + delayMs, run);
    return () => {
      task.isCancelled = true;
    };
  }

  /** Runs at the time, or now if it has passed. */
  at(atMs: number, run: () => void): void {
    this.#plan(atMs, run);
  }

  /**
   * Runs all that falls due until then. What falls due at the same moment runs in one turn: promises go on only after
   * it, as in a process that takes several messages off a socket with one read.
   */
  runUntil(untilMs: number): void {
    for (;;) {
      const next = this.#heap[0];
      if (next === undefined || next.atMs > untilMs) break;
      this.#nowMs = next.atMs;
      while (this.#heap[0]?.atMs === next.atMs) this.#take()?.run();
      drainMicrotasks();
    }
    this.#nowMs = untilMs;
  }

  #plan(atMs: number, run: () => void): Task {
    const roundedMs = Math.max(this.#nowMs, Math.ceil(atMs / quantumMs) * quantumMs);
    this.#order += 1;
    const task = { atMs: roundedMs, order: this.#order, run, isCancelled: false };
    this.#heap.push(task);
    this.#rise(this.#heap.length - 1);
    return task;
  }

  #take(): Task | null {
    const [first] = this.#heap;
    const last = this.#heap.pop();
    if (first === undefined || last === undefined) return null;
    if (this.#heap.length > 0) {
      this.#heap[0] = last;
      this.#sink();
    }
    return first.isCancelled ? null : first;
  }

  #rise(from: number): void {
    let index = from;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.#isBefore(index, parent)) return;
      this.#swap(index, parent);
      index = parent;
    }
  }

  #sink(): void {
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      if (left >= this.#heap.length) return;
      const right = left + 1;
      const child = right < this.#heap.length && this.#isBefore(right, left) ? right : left;
      if (!this.#isBefore(child, index)) return;
      this.#swap(index, child);
      index = child;
    }
  }

  #isBefore(one: number, other: number): boolean {
    const [a, b] = [this.#heap[one], this.#heap[other]];
    if (a === undefined || b === undefined) return false;
    return a.atMs === b.atMs ? a.order < b.order : a.atMs < b.atMs;
  }

  #swap(one: number, other: number): void {
    const [a, b] = [this.#heap[one], this.#heap[other]];
    if (a === undefined || b === undefined) return;
    this.#heap[one] = b;
    this.#heap[other] = a;
  }
}
