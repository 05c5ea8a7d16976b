/** A process: its work waits while it is paused, and never runs after it is dead. */
import type { Clock } from "../../src/core/ports/clock.ts";
import type { World } from "./world.ts";

export class SimProcess {
  readonly clock: Clock;
  #isDead = false;
  #isPaused = false;
  #waiting: (() => void)[] = [];

  constructor(world: World) {
    this.clock = {
      now: () => world.now(),
      after: (delayMs, run) => {
        let isCancelled = false;
        // It may be cancelled while the process is paused.
        world.after(delayMs, () => this.run(() => isCancelled || run()));
        return () => {
          isCancelled = true;
        };
      },
    };
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  /** Neither dead nor paused. */
  get isRunning(): boolean {
    return !this.#isDead && !this.#isPaused;
  }

  run(turn: () => void): void {
    if (this.#isDead) return;
    if (this.#isPaused) this.#waiting.push(turn);
    else turn();
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    for (const turn of this.#waiting.splice(0)) this.run(turn);
  }

  die(): void {
    this.#isDead = true;
    this.#waiting = [];
  }
}
