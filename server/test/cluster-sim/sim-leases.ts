/** The leases of nodes' sessions, and the locks for sweeping expired ones. */
import type { World } from "./world.ts";

const leaseMs = 10_000;

/** A session without a lease, and the time since its last renewal. */
export interface Departed {
  readonly session: string;
  readonly goneMs: number;
}

export class SimLeases {
  readonly #world: World;
  readonly #leases = new Map<string, number>();
  /** Sessions that contributed something and may not be swept completely. */
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

  /** Starts a session. A session is started once: after its lease has expired the node starts a new one. */
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
