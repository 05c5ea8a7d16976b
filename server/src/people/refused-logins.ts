/**
 * Combines refused logins into few entries of the audit log: one for each account and address, some minutes after the
 * first attempt, with the number of attempts.
 */
import type { Clock } from "../core/ports/clock.ts";
import { holderOf } from "../net/ip-address.ts";

export interface RefusedLogin {
  readonly address: string | null;
  /** Such as `person ada@example.com`, with or without an account. */
  readonly target: string;
  /** The refusal's code, such as `login_failed`. */
  readonly why: string;
}

/** Several attempts in one entry. */
export interface RefusedLogins extends Pick<RefusedLogin, "address" | "target"> {
  readonly tries: number;
  /** The number of attempts for each reason. */
  readonly why: Readonly<Record<string, number>>;
  readonly firstAtMs: number;
  readonly lastAtMs: number;
}

interface Count {
  readonly address: string | null;
  readonly target: string;
  tries: number;
  readonly why: Map<string, number>;
  readonly firstAtMs: number;
  lastAtMs: number;
}

const periodMs = 300_000;
/** The maximum separate entries of a period; further attempts are combined into one without an address. */
const countsMax = 40;
const elsewhere = { key: "elsewhere", address: null, target: "many accounts, or from many addresses" };

export class RefusedLoginCounter {
  readonly #clock: Clock;
  readonly #report: (refused: RefusedLogins) => void;
  /** The counts of this period, by address and account. */
  readonly #counts = new Map<string, Count>();
  #cancelEnd: (() => void) | null = null;

  /** @param report must not throw */
  constructor(clock: Clock, report: (refused: RefusedLogins) => void) {
    this.#clock = clock;
    this.#report = report;
  }

  record({ address, target, why }: RefusedLogin): void {
    this.#cancelEnd ??= this.#clock.after(periodMs, () => this.flush());
    const count = this.#countOf(address, target);
    count.tries += 1;
    count.lastAtMs = this.#clock.now();
    count.why.set(why, (count.why.get(why) ?? 0) + 1);
  }

  /** Reports the counts. Also called when the server stops. */
  flush(): void {
    this.#cancelEnd?.();
    this.#cancelEnd = null;
    const counts = [...this.#counts.values()];
    this.#counts.clear();
    for (const { why, ...count } of counts) this.#report({ ...count, why: Object.fromEntries(why) });
  }

  #countOf(address: string | null, target: string): Count {
    const own = { key: `${address === null ? "unknown" : holderOf(address)} ${target}`, address, target };
    const isRoom = this.#counts.size < countsMax || this.#counts.has(own.key);
    const { key, ...what } = isRoom ? own : elsewhere;
    const now = this.#clock.now();
    const count = this.#counts.get(key) ?? {
      ...what,
      tries: 0,
      why: new Map(),
      firstAtMs: now,
      lastAtMs: now,
    };
    this.#counts.set(key, count);
    return count;
  }
}
