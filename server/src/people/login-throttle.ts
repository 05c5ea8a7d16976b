/**
 * Slows down guessing: so many tries at once from an address, so many from an address at one account, and so many at an
 * account from everywhere, then one now and then. The last is not for browsers in which the account was logged in
 * before: strangers who guess must not lock its owner out.
 */
import type { Clock } from "../core/ports/clock.ts";
import { RateLimit } from "../core/rate-limit.ts";
import { Refusal } from "../core/refusal.ts";
import { holderOf } from "../net/ip-address.ts";

const fromAddress = { burst: 30, perSecond: 0.2 };
const fromOneAtAccount = { burst: 10, perSecond: 1 / 30 };
/** More than one address may have, so that no single one uses it up. */
const fromAllAtAccount = { burst: 100, perSecond: 1 / 15 };
const slots = 65_536;

interface Rate {
  readonly burst: number;
  readonly perSecond: number;
}

export interface TrySource {
  readonly address: string | null;
  /** An e-mail address in lower case, of somebody or nobody; null where the try names none. */
  readonly account: string | null;
  /** Names the browser in which that account was logged in before; null: none is known. */
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

  /** Counts a try before anything is done for it. @throws Refusal `too_many_attempts` with the fact `retryAfterS` */
  countTry(source: TrySource): void {
    const waitMs = this.#take(source);
    if (waitMs === 0) return;
    const retryAfterS = Math.ceil(waitMs / 1_000);
    throw new Refusal("too_many_attempts", `Too many attempts: try again in ${retryAfterS} s`, {
      retryAfterS,
    });
  }

  /** The right password was given: earlier mistakes of this address and this device at the account are forgotten. */
  forget({ address, account, device }: TrySource): void {
    this.#fromOneAtAccount.reset(`${holderOf(address ?? "unknown")} ${account}`);
    if (device !== null) this.#fromOneAtAccount.reset(`${device} ${account}`);
  }

  /** How many milliseconds to wait. What an address may not do counts for nothing else: it wears no account's limit out. */
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
 * A rate limit for each key, in a fixed number of slots. Two keys may share a slot, which nobody can aim for, as the
 * hash is seeded. So it needs no more memory however many keys come, and no key is ever forgotten before its time.
 */
class RateLimits {
  readonly #rate: Rate;
  readonly #seed = crypto.getRandomValues(new BigUint64Array(1))[0] ?? 0n;
  readonly #slots: (RateLimit | null)[] = new Array(slots).fill(null);

  constructor(rate: Rate) {
    this.#rate = rate;
  }

  /** How many milliseconds to wait; 0: go on. */
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
