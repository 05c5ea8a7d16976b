/** Which sessions of nodes are alive, and who may clean up after the others. */
import type { World } from "./world.ts";

const leaseMs = 10_000;

/** A session without a lease, and how long ago it last renewed it. */
export interface Departed {
  readonly session: string;
  readonly goneMs: number;
}

export class SimLeases {
  readonly #world: World;
  readonly #leases = new Map<string, number>();
  /** Those that contributed something and may still have left it. */
  readonly #sessions = new Set<string>();
  readonly #locks = new Map<string, number>();
  /** Changes when the engine loses all data. */
  #incarnation = 1;

  constructor(world: World) {
    this.#world = world;
  }

  loseEverything(): void {
    this.#incarnation += 1;
    this.#leases.clear();
    this.#sessions.clear();
    this.#locks.clear();
  }

  /** A session begins once: after its lease has run out the node takes a new one. */
  begin(session: string): number {
    this.#leases.set(session, this.#world.now() + leaseMs);
    return this.#incarnation;
  }

  renew(session: string): {
    readonly wasGone: boolean;
    readonly departed: readonly Departed[];
    readonly incarnation: number;
  } {
    const wasGone = !this.#isAlive(session);
    if (!wasGone) this.begin(session);
    const nowMs = this.#world.now();
    const departed = [...this.#sessions]
      .filter((one) => !this.#isAlive(one))
      .map((one) => ({ session: one, goneMs: nowMs + leaseMs - (this.#leases.get(one) ?? 0) }));
    return { wasGone, departed, incarnation: this.#incarnation };
  }

  lock(name: string, forMs: number): boolean {
    const nowMs = this.#world.now();
    if ((this.#locks.get(name) ?? 0) > nowMs) return false;
    this.#locks.set(name, nowMs + forMs);
    return true;
  }

  record(session: string): void {
    this.#sessions.add(session);
  }

  forget(session: string): void {
    this.#sessions.delete(session);
  }

  #isAlive(session: string): boolean {
    return (this.#leases.get(session) ?? 0) > this.#world.now();
  }
}
