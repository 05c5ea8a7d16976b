/** Whether the database takes changes: a full disk, a read-only one, or another process that does not let go of its lock. */
import type { Clock } from "../core/ports/clock.ts";
import { isConflict, isDamage, isUnwritable } from "./database-error.ts";
import type { Database } from "./schema.ts";

const probeEveryMs = 2_000;
/** On a full disk a small change may still find room between two that do not. */
const quietMs = 3_000;

/** Told once each time that it begins and ends. */
export interface WriteLog {
  info(facts: object, sentence: string): void;
  warn(facts: object, sentence: string): void;
}

export class WriteWatch {
  readonly #clock: Clock;
  #probe: () => Promise<unknown> = async () => undefined;
  #log: WriteLog | null = null;
  #problem: string | null = null;
  /** A change failed, and none has succeeded since. */
  #isSuspicious = false;
  /** Some of a damaged file can still be written, and all of it is in danger. */
  #isDamaged = false;
  #failedAtMs = 0;
  #isStopped = false;
  #cancelProbe: () => void = () => undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  start(db: Database, log: WriteLog): void {
    this.#log = log;
    // It changes nothing, and needs all that a change needs.
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

  /** Why no change is taken; null where changes are, as far as is known. */
  get problem(): string | null {
    return this.#problem;
  }

  /** Handed the error of each query. One that met another process's lock may be luckier the next time. */
  record(error: unknown): void {
    if (this.#isStopped || this.#isDamaged) return;
    if (isDamage(error)) {
      this.#isDamaged = true;
      this.#become(`its file is damaged (${textOf(error)}): \`soketify doctor\` says what to do`);
    } else if (isUnwritable(error)) this.#suspect(error);
  }

  /** For one whose change just failed: whether that is why. */
  async isFailing(): Promise<boolean> {
    if (this.#isSuspicious && this.#problem === null) await this.#look();
    return this.#problem !== null;
  }

  #suspect(error: unknown): void {
    this.#failedAtMs = this.#clock.now();
    if (!isConflict(error)) this.#become(textOf(error));
    if (!this.#isSuspicious) this.#probeSoon();
    this.#isSuspicious = true;
  }

  /** Also where the clock was set back. */
  get #isQuiet(): boolean {
    return Math.abs(this.#clock.now() - this.#failedAtMs) >= quietMs;
  }

  #probeSoon(): void {
    this.#cancelProbe();
    this.#cancelProbe = this.#clock.after(probeEveryMs, () => void this.#look());
  }

  async #look(): Promise<void> {
    if (this.#isDamaged) return;
    try {
      await this.#probe();
      if (this.#problem === null || this.#isQuiet) {
        this.#isSuspicious = false;
        this.#become(null);
      }
    } catch (error) {
      // Where it cannot be asked at all, others tell.
      if (isUnwritable(error)) this.#become(textOf(error));
    }
    if (this.#isSuspicious && !this.#isStopped) this.#probeSoon();
    else this.#cancelProbe();
  }

  #become(problem: string | null): void {
    const wasFine = this.#problem === null;
    this.#problem = problem;
    if (wasFine && problem !== null)
      this.#log?.warn({ problem }, "The database accepts no writes: clients are served all the same");
    if (!wasFine && problem === null) this.#log?.info({}, "The database takes changes again");
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
