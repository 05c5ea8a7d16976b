/** Slows down guessing: so many tries at once from an address and for an account, then one now and then. */
import type { Clock } from "../core/ports/clock.ts";
import { RateLimit } from "../core/rate-limit.ts";
import { Refusal } from "../core/refusal.ts";

const addressTries = { burst: 30, perSecond: 0.2 };
const accountTries = { burst: 10, perSecond: 1 / 30 };
const keysMax = 10_000;

export class LoginThrottle {
  readonly #clock: Clock;
  readonly #byAddress = new Map<string, RateLimit>();
  readonly #byAccount = new Map<string, RateLimit>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Counts a try, before it is known whether it is right.
   * @param account an e-mail address in lower case, of somebody or nobody; null where the try names none
   * @throws Refusal `too_many_attempts` with the fact `retryAfterS`
   */
  mustBeCalm(address: string | null, account: string | null): void {
    const now = this.#clock.now();
    const waitMs = Math.max(
      take(this.#byAddress, address ?? "unknown", addressTries, now),
      account === null ? 0 : take(this.#byAccount, account, accountTries, now),
    );
    if (waitMs === 0) return;
    const retryAfterS = Math.ceil(waitMs / 1_000);
    throw new Refusal("too_many_attempts", `Too many attempts: try again in ${retryAfterS} s`, {
      retryAfterS,
    });
  }

  /** The right password was given: earlier mistakes are forgiven. */
  forgive(account: string): void {
    this.#byAccount.delete(account);
  }
}

function take(
  limits: Map<string, RateLimit>,
  key: string,
  { burst, perSecond }: typeof addressTries,
  now: number,
): number {
  const limit = limits.get(key) ?? new RateLimit(burst, now);
  // Moved to the end, so that the first one is the longest unused.
  limits.delete(key);
  limits.set(key, limit);
  const [oldest] = limits.keys();
  if (limits.size > keysMax && oldest !== undefined) limits.delete(oldest);
  return limit.take(perSecond, burst, now);
}
