/**
 * Limits the rate of login attempts: from one address, from one address at one account, and at one account from all
 * addresses. The last limit does not apply to browsers in which the account was logged in before: strangers who guess
 * must not lock its owner out.
 */
import type { Clock } from "../core/ports/clock.ts";
import { RateLimit } from "../core/rate-limit.ts";
import { Refusal } from "../core/refusal.ts";
import { holderOf } from "../net/ip-address.ts";

const fromAddress = { burst: 30, perSecond: 0.2 };
const fromOneAtAccount = { burst: 10, perSecond: 1 / 30 };
/** More than one address may use, so that a single address cannot exhaust it. */
const fromAllAtAccount = { burst: 100, perSecond: 1 / 15 };
const slots = 65_536;

interface Rate {
  readonly burst: number;
  readonly perSecond: number;
}

export interface TrySource {
  readonly address: string | null;
  /** An e-mail address in lower case, with or without an account; null if the attempt has none. */
  readonly account: string | null;
  /** The id of a browser in which that account was logged in before; null: unknown browser. */
  readonly device: string | null;
}

export class LoginThrottle {
  readonly #clock: Pick<Clock, "now">;
  readonly #fromAddress = new RateLimits(fromAddress);
  readonly #fromOneAtAccount = new RateLimits(fromOneAtAccount);
  readonly #fromAllAtAccount = new RateLimits(fromAllAtAccount);

  constructor(clock: Pick<Clock, "now">) {
    this.#clock = clock;
  }

  /** Counts an attempt before any other work. @throws Refusal `too_many_attempts` with the fact `retryAfterS` */
  countTry(source: TrySource): void {
    const waitMs = this.#take(source);
    if (waitMs === 0) return;
    const retryAfterS = Math.ceil(waitMs / 1_000);
    throw new Refusal("too_many_attempts", `Too many attempts: try again in ${retryAfterS} s`, {
      retryAfterS,
    });
  }

  /** Call it after a correct password: resets the attempts of this address and this device at the account. */
  forget({ address, account, device }: TrySource): void {
    this.#fromOneAtAccount.reset(`${holderOf(address ?? "unknown")} ${account}`);
    if (device !== null) this.#fromOneAtAccount.reset(`${device} ${account}`);
  }

  /** The milliseconds to wait; 0: none. An attempt that an address limit refuses does not count against the account. */
  #take({ address, account, device }: TrySource): number {
    const now = this.#clock.now();
    const holder = holderOf(address ?? "unknown");
    const waitMs = this.#fromAddress.take(holder, now);
    if (waitMs > 0 || account === null) return waitMs;
    const fromOneMs = this.#fromOneAtAccount.take(`${holder} ${account}`, now);
    if (fromOneMs > 0) return fromOneMs;
    return device === null
      ? this.#fromAllAtAccount.take(account, now)
      : this.#fromOneAtAccount.take(`${device} ${account}`, now);
  }
}

/**
 * A rate limit for each key, in a fixed number of slots. So its memory does not grow with the number of keys, and no
 * key is removed early. Two keys may share a slot; nobody can choose which, because the hash is seeded.
 */
class RateLimits {
  readonly #rate: Rate;
  readonly #seed = crypto.getRandomValues(new BigUint64Array(1))[0] ?? 0n;
  readonly #slots: (RateLimit | null)[] = new Array(slots).fill(null);

  constructor(rate: Rate) {
    this.#rate = rate;
  }

  /** Counts an attempt. Returns the milliseconds to wait; 0: allowed. */
  take(key: string, nowMs: number): number {
    const { burst, perSecond } = this.#rate;
    const slot = this.#slotOf(key);
    const limit = this.#slots[slot] ?? new RateLimit(burst, nowMs);
    this.#slots[slot] = limit;
    return limit.take(perSecond, burst, nowMs);
  }

  reset(key: string): void {
    this.#slots[this.#slotOf(key)] = null;
  }

  #slotOf(key: string): number {
    return Number(BigInt(Bun.hash(key, this.#seed)) % BigInt(slots));
  }
}
