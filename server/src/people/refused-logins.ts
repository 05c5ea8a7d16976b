/**
 * Refused logins, as lines of the audit log that are few however many tries there are: the first from an address is
 * told at once, those after it as one line with their count, ten minutes later.
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
export interface RefusedLogins {
  /** Of all of them; null where they came from several, or from none that is known. */
  readonly address: string | null;
  readonly tries: number;
  /** How many there were for each reason. */
  readonly why: Readonly<Record<string, number>>;
  /** The first different ones. */
  readonly targets: readonly string[];
}

interface Count {
  readonly address: string | null;
  tries: number;
  readonly why: Map<string, number>;
  readonly targets: Set<string>;
}

const periodMs = 600_000;
/** Counted apart in a period; more addresses are counted together. */
const addressesMax = 20;
const targetsMax = 10;
const elsewhere = "elsewhere";

export class RefusedLoginCounter {
  readonly #clock: Clock;
  readonly #tell: (refused: RefusedLogins) => void;
  /** Of this period, by address. */
  readonly #counts = new Map<string, Count>();
  #cancelEnd: (() => void) | null = null;

  /** @param tell must not throw */
  constructor(clock: Clock, tell: (refused: RefusedLogins) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  note({ address, target, why }: RefusedLogin): void {
    this.#cancelEnd ??= this.#clock.after(periodMs, () => this.flush());
    const holder = address === null ? "unknown" : holderOf(address);
    const count = this.#counts.get(holder);
    if (count !== undefined) add(count, target, why);
    else if (this.#counts.size < addressesMax) {
      this.#counts.set(holder, newCount(address));
      this.#tell({ address, tries: 1, why: { [why]: 1 }, targets: [target] });
    } else {
      const others = this.#counts.get(elsewhere) ?? newCount(null);
      this.#counts.set(elsewhere, others);
      add(others, target, why);
    }
  }

  /** Tells what was counted. Also to be called at the end of the server. */
  flush(): void {
    this.#cancelEnd?.();
    this.#cancelEnd = null;
    const counts = [...this.#counts.values()];
    this.#counts.clear();
    for (const { address, tries, why, targets } of counts)
      if (tries > 0) this.#tell({ address, tries, why: Object.fromEntries(why), targets: [...targets] });
  }
}

function newCount(address: string | null): Count {
  return { address, tries: 0, why: new Map(), targets: new Set() };
}

function add(count: Count, target: string, why: string): void {
  count.tries += 1;
  count.why.set(why, (count.why.get(why) ?? 0) + 1);
  if (count.targets.size < targetsMax) count.targets.add(target);
}
