/**
 * One connection between a node and the engine: each direction is ordered and has its own latencies, until it breaks.
 */
import type { Random } from "./random.ts";
import type { SimProcess } from "./sim-process.ts";
import type { World } from "./world.ts";

export class SimLink {
  readonly #world: World;
  readonly #random: Random;
  readonly #process: SimProcess;
  readonly #latencyMsMax: number;
  #isUp = true;
  /** Counts the breaks: messages in transit at a break never arrive. */
  #breaks = 0;
  #arrivesAtEngineMs = 0;
  #arrivesAtNodeMs = 0;

  constructor(world: World, random: Random, process: SimProcess, latencyMsMax: number) {
    this.#world = world;
    this.#random = random;
    this.#process = process;
    this.#latencyMsMax = latencyMsMax;
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  toEngine(run: () => void): void {
    this.#arrivesAtEngineMs = this.#send(this.#arrivesAtEngineMs, run);
  }

  toNode(run: () => void): void {
    const breaks = this.#breaks;
    this.#arrivesAtNodeMs = this.#send(this.#arrivesAtNodeMs, () =>
      this.#process.run(() => {
        if (this.#breaks === breaks) run();
      }),
    );
  }

  cut(): void {
    this.#isUp = false;
    this.#breaks += 1;
  }

  restore(): void {
    this.#isUp = true;
  }

  #send(notBeforeMs: number, run: () => void): number {
    if (!this.#isUp) return notBeforeMs;
    const breaks = this.#breaks;
    const atMs = Math.max(notBeforeMs, this.#world.now() + this.#random.between(0.25, this.#latencyMsMax));
    this.#world.at(atMs, () => {
      if (this.#breaks === breaks) run();
    });
    return atMs;
  }
}
