/**
 * Slows down guessing: so many tries at once from an address, and so many from an address at one account, then one now
 * and then. No limit is for an account alone: a stranger who guesses must not lock its owner out.
 */
import type { Clock } from "../core/ports/clock.ts";
import { RateLimit } from "../core/rate-limit.ts";
import { Refusal } from "../core/refusal.ts";
import { holderOf } from "../net/ip-address.ts";

const fromAddress = { burst: 30, perSecond: 0.2 };
const atAccount = { burst: 10, perSecond: 1 / 30 };
const slots = 65_536;

export class LoginThrottle {
  readonly #clock: Pick<Clock, "now">;
  readonly #fromAddress = new RateLimits(fromAddress);
  readonly #atAccount = new RateLimits(atAccount);
  #refusedCount = 0;

  constructor(clock: Pick<Clock, "now">) {
    this.#clock = clock;
  }

  /** How many tries were refused since the start. */
  get refusedCount(): number {
    return this.#refusedCount;
  }

  /**
   * Counts a try before anything is done for it.
   * @param account an e-mail address in lower case, of somebody or nobody; null where the try names none
   * @throws Refusal `too_many_attempts` with the fact `retryAfterS`
   */
  countTry(address: string | null, account: string | null): void {
    const now = this.#clock.now();
    const holder = holderOf(address ?? "unknown");
    const waitMs = Math.max(
      this.#fromAddress.take(holder, now),
      account === null ? 0 : this.#atAccount.take(`${holder} ${account}`, now),
    );
    if (waitMs === 0) return;
    this.#refusedCount += 1;
    const retryAfterS = Math.ceil(waitMs / 1_000);
    throw new Refusal("too_many_attempts", `Too many attempts: try again in ${retryAfterS} s`, {
      retryAfterS,
    });
  }

  /** The right password was given: earlier mistakes of this address at the account are forgotten. */
  forget(address: string | null, account: string): void {
    this.#atAccount.reset(`${holderOf(address ?? "unknown")} ${account}`);
  }
}

/**
 * A rate limit for each key, in a fixed number of slots. Two keys may share a slot, which nobody can aim for, as the
 * hash is seeded. So it needs no more memory however many keys come, and no key is ever forgotten before its time.
 */
class RateLimits {
  readonly #rate: typeof fromAddress;
  readonly #seed = crypto.getRandomValues(new BigUint64Array(1))[0] ?? 0n;
  readonly #slots: (RateLimit | null)[] = new Array(slots).fill(null);

  constructor(rate: typeof fromAddress) {
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
