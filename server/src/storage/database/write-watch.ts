/** Watches whether the database accepts writes: the disk may be full or read-only, or another process may keep its lock. */
import type { Clock } from "../../core/ports/clock.ts";
import { isConflict, isDamage, isUnwritable } from "./database-error.ts";
import type { Database } from "./schema.ts";

const probeEveryMs = 2_000;
/** How long changes must succeed. On a full disk a small change may succeed between two that fail. */
const quietMs = 3_000;

/** Called once when a problem begins and once when it ends. */
export interface WriteLog {
  info(facts: object, sentence: string): void;
  warn(facts: object, sentence: string): void;
}

export class WriteWatch {
  readonly #clock: Clock;
  #probe: () => Promise<unknown> = async () => undefined;
  #log: WriteLog | null = null;
  #problem: string | null = null;
  /** A change failed, and no change has succeeded since. */
  #isSuspicious = false;
  /** Parts of a damaged file can still be written, but all of its data is in danger. */
  #isDamaged = false;
  #failedAtMs = 0;
  #isStopped = false;
  #cancelProbe: () => void = () => undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  start(db: Database, log: WriteLog): void {
    this.#log = log;
    // A write that changes no row, but fails in the same cases as a change.
    this.#probe = () =>
      db
        .updateTable("appVersion")
        .set(({ ref }) => ({ version: ref("version") }))
        .execute();
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancelProbe();
  }

  /** Why the database accepts no changes; null if it does, as far as known. */
  get problem(): string | null {
    return this.#problem;
  }

  /** Called with the error of each query. A query that met another process's lock may succeed the next time. */
  record(error: unknown): void {
    if (this.#isStopped || this.#isDamaged) return;
    if (isDamage(error)) {
      this.#isDamaged = true;
      this.#become(`its file is damaged (${textOf(error)}): \`soketify doctor\` explains what to do`);
    } else if (isUnwritable(error)) this.#suspect(error);
  }

  /** For a caller whose change just failed: whether the database is the reason. */
  async isFailing(): Promise<boolean> {
    if (this.#isSuspicious && this.#problem === null) await this.#runProbe();
    return this.#problem !== null;
  }

  #suspect(error: unknown): void {
    this.#failedAtMs = this.#clock.now();
    if (!isConflict(error)) this.#become(textOf(error));
    if (!this.#isSuspicious) this.#probeSoon();
    this.#isSuspicious = true;
  }

  /** True also if the clock was set back. */
  get #isQuiet(): boolean {
    return Math.abs(this.#clock.now() - this.#failedAtMs) >= quietMs;
  }

  #probeSoon(): void {
    this.#cancelProbe();
    this.#cancelProbe = this.#clock.after(probeEveryMs, () => void this.#runProbe());
  }

  async #runProbe(): Promise<void> {
    if (this.#isDamaged) return;
    try {
      await this.#probe();
      if (this.#problem === null || this.#isQuiet) {
        this.#isSuspicious = false;
        this.#become(null);
      }
    } catch (error) {
      // If the database is unreachable, the app feed reports it.
      if (isUnwritable(error)) this.#become(textOf(error));
    }
    if (this.#isSuspicious && !this.#isStopped) this.#probeSoon();
    else this.#cancelProbe();
  }

  #become(problem: string | null): void {
    const wasFine = this.#problem === null;
    this.#problem = problem;
    if (wasFine && problem !== null)
      this.#log?.warn({ problem }, "The database accepts no writes: clients are still served");
    if (!wasFine && problem === null) this.#log?.info({}, "The database accepts writes again");
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
