/**
 * Refused logins, as lines of the audit log that are few however many tries there are: one for each account and address,
 * some minutes after the first try, with how many there were meanwhile.
 */
import type { Clock } from "../core/ports/clock.ts";
import { holderOf } from "../net/ip-address.ts";

export interface RefusedLogin {
  readonly address: string | null;
  /** Such as `person ada@example.com`, who need not exist. */
  readonly target: string;
  /** A refusal's code, such as `login_failed`. */
  readonly why: string;
}

/** Some tries, told together. */
export interface RefusedLogins extends Pick<RefusedLogin, "address" | "target"> {
  readonly tries: number;
  /** How many there were for each reason. */
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
/** Told apart in a period; tries beyond these are told together, of no address. */
const countsMax = 40;
const elsewhere = { key: "elsewhere", address: null, target: "many accounts, or from many addresses" };

export class RefusedLoginCounter {
  readonly #clock: Clock;
  readonly #tell: (refused: RefusedLogins) => void;
  /** Of this period, by address and account. */
  readonly #counts = new Map<string, Count>();
  #cancelEnd: (() => void) | null = null;

  /** @param tell must not throw */
  constructor(clock: Clock, tell: (refused: RefusedLogins) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  note({ address, target, why }: RefusedLogin): void {
    this.#cancelEnd ??= this.#clock.after(periodMs, () => this.flush());
    const count = this.#countOf(address, target);
    count.tries += 1;
    count.lastAtMs = this.#clock.now();
    count.why.set(why, (count.why.get(why) ?? 0) + 1);
  }

  /** Tells what was counted. Also to be called at the end of the server. */
  flush(): void {
    this.#cancelEnd?.();
    this.#cancelEnd = null;
    const counts = [...this.#counts.values()];
    this.#counts.clear();
    for (const { why, ...count } of counts) this.#tell({ ...count, why: Object.fromEntries(why) });
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
