/** Runs the start's database work: immediately, or once the database is back. */
import type { Clock } from "../core/ports/clock.ts";

const retryAfterMs = 5_000;

export type Step = () => Promise<void>;

/** Runs steps in order, each until it has succeeded once. */
export class StartupTasks {
  readonly #clock: Clock;
  readonly #onFailure: (error: unknown) => void;
  #left: readonly Step[];
  #running: Promise<void> | null = null;
  #isStopped = false;
  #cancelRetry: () => void = () => undefined;

  constructor(clock: Clock, steps: readonly Step[], onFailure: (error: unknown) => void) {
    this.#clock = clock;
    this.#left = steps;
    this.#onFailure = onFailure;
  }

  /** @throws the error of a step; this step and the later ones remain for the next call */
  async run(): Promise<void> {
    this.#running ??= this.#runLeft().finally(() => {
      this.#running = null;
    });
    await this.#running;
  }

  /** Retries until all steps are done, or until `stop()`. */
  runSoon(): void {
    this.#cancelRetry();
    this.run().catch((error: unknown) => {
      this.#onFailure(error);
      this.#cancelRetry();
      if (this.#isStopped) return;
      this.#cancelRetry = this.#clock.after(retryAfterMs, () => this.runSoon());
    });
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancelRetry();
  }

  async #runLeft(): Promise<void> {
    for (let [next] = this.#left; next !== undefined; [next] = this.#left) {
      await next();
      this.#left = this.#left.slice(1);
    }
  }
}
