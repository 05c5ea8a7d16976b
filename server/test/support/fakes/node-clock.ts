/** The clock of one node: ahead of the others, or frozen like that of a suspended process. */
import type { Clock } from "../../../src/core/ports/clock.ts";

export class NodeClock implements Clock {
  readonly #base: Clock;
  readonly #aheadMs: number;
  /** The tasks that became due while it was frozen; null while it is not. */
  #late: (() => void)[] | null = null;

  constructor(base: Clock, aheadMs: number) {
    this.#base = base;
    this.#aheadMs = aheadMs;
  }

  now(): number {
    return this.#base.now() + this.#aheadMs;
  }

  after(delayMs: number, run: () => void): () => void {
    let isCancelled = false;
    const runOnce = () => {
      if (!isCancelled) run();
    };
    const cancel = this.#base.after(delayMs, () => {
      if (this.#late === null) runOnce();
      else this.#late.push(runOnce);
    });
    return () => {
      isCancelled = true;
      cancel();
    };
  }

  /** From now on no task runs, although time passes. */
  freeze(): void {
    this.#late ??= [];
  }

  /** Runs the tasks that became due in the meantime. */
  thaw(): void {
    const late = this.#late ?? [];
    this.#late = null;
    for (const run of late) run();
  }
}
