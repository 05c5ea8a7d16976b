/**
 * Limits the rate of login attempts: from one address, from one address at one account, and at one account from all
 * addresses. The last limit does not apply to browsers in which the account was logged in before, so that guessing
 * strangers cannot lock out its owner. All nodes share the counts. While the engine is unreachable, each node counts
 * its own attempts.
 */
import { createHash } from "node:crypto";
import { type Rate, RateLimit } from "../core/limits/rate-limit.ts";
import { EngineUnreachable } from "../core/ports/broker.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { RequestClaims } from "../core/ports/request-claims.ts";
import { Refusal } from "../core/refusal.ts";
import { holderOf } from "../net/ip-address.ts";

const fromAddress = { burst: 30, perSecond: 0.2 };
const fromOneAtAccount = { burst: 10, perSecond: 1 / 30 };
/** Higher than the limit of one address, so that a single address cannot exhaust it. */
const fromAllAtAccount = { burst: 100, perSecond: 1 / 15 };
const slots = 65_536;

export type SharedRates = Pick<RequestClaims, "take" | "reset">;

export interface TrySource {
  readonly address: string | null;
  /** An e-mail address in lower case, with or without an account; null if the attempt has none. */
  readonly account: string | null;
  /** The id of a browser in which that account was logged in before; null: unknown browser. */
  readonly device: string | null;
}

export class LoginThrottle {
  readonly #fromAddress: RateLimits;
  readonly #fromOneAtAccount: RateLimits;
  readonly #fromAllAtAccount: RateLimits;

  /**
   * @param secret the same on all nodes, unknown to strangers
   * @param shared null on a single node
   */
  constructor(clock: Pick<Clock, "now">, secret: string, shared: SharedRates | null) {
    const limits = (name: string, rate: Rate) => new RateLimits(name, rate, { clock, secret, shared });
    this.#fromAddress = limits("address", fromAddress);
    this.#fromOneAtAccount = limits("address at account", fromOneAtAccount);
    this.#fromAllAtAccount = limits("account", fromAllAtAccount);
  }

  /** Counts an attempt before any other work. @throws Refusal `too_many_attempts` with the fact `retryAfterS` */
  async countTry(source: TrySource): Promise<void> {
    const waitMs = await this.#take(source);
    if (waitMs === 0) return;
    const retryAfterS = Math.ceil(waitMs / 1_000);
    throw new Refusal("too_many_attempts", `Too many attempts: try again in ${retryAfterS} s`, {
      retryAfterS,
    });
  }

  /** Call it after a correct password: resets the attempts of this address and this device at the account. */
  async forget({ address, account, device }: TrySource): Promise<void> {
    await this.#fromOneAtAccount.reset(`${holderOf(address ?? "unknown")} ${account}`);
    if (device !== null) await this.#fromOneAtAccount.reset(`${device} ${account}`);
  }

  /** The milliseconds to wait; 0: none. An attempt that an address limit refuses does not count against the account. */
  async #take({ address, account, device }: TrySource): Promise<number> {
    const holder = holderOf(address ?? "unknown");
    const waitMs = await this.#fromAddress.take(holder);
    if (waitMs > 0 || account === null) return waitMs;
    const fromOneMs = await this.#fromOneAtAccount.take(`${holder} ${account}`);
    if (fromOneMs > 0) return fromOneMs;
    return device === null
      ? this.#fromAllAtAccount.take(account)
      : this.#fromOneAtAccount.take(`${device} ${account}`);
  }
}

interface Tools {
  readonly clock: Pick<Clock, "now">;
  readonly secret: string;
  readonly shared: SharedRates | null;
}

/**
 * A rate limit for each key, in a fixed number of slots. So the memory of the node and of the engine does not grow with
 * the number of keys, and no key is removed early. Two keys may share a slot; nobody can choose which, because the hash
 * is seeded with a secret.
 */
class RateLimits {
  readonly #name: string;
  readonly #rate: Rate;
  readonly #clock: Pick<Clock, "now">;
  readonly #shared: SharedRates | null;
  readonly #seed: bigint;
  readonly #slots: (RateLimit | null)[] = new Array(slots).fill(null);

  constructor(name: string, rate: Rate, { clock, secret, shared }: Tools) {
    this.#name = name;
    this.#rate = rate;
    this.#clock = clock;
    this.#shared = shared;
    this.#seed = createHash("sha256").update(`login throttle ${secret}`).digest().readBigUInt64LE();
  }

  /** Counts an attempt. Returns the milliseconds to wait; 0: allowed. */
  async take(key: string): Promise<number> {
    const slot = this.#slotOf(key);
    if (this.#shared === null) return this.#takeHere(slot);
    try {
      return await this.#shared.take(this.#sharedName(slot), this.#rate);
    } catch (error) {
      if (error instanceof EngineUnreachable) return this.#takeHere(slot);
      throw error;
    }
  }

  async reset(key: string): Promise<void> {
    const slot = this.#slotOf(key);
    this.#slots[slot] = null;
    await this.#shared?.reset(this.#sharedName(slot));
  }

  #takeHere(slot: number): number {
    const { burst, perSecond } = this.#rate;
    const now = this.#clock.now();
    const limit = this.#slots[slot] ?? new RateLimit(burst, now);
    this.#slots[slot] = limit;
    return limit.take(perSecond, burst, now);
  }

  #sharedName(slot: number): string {
    return `login ${this.#name} ${slot}`;
  }

  #slotOf(key: string): number {
    return Number(BigInt(Bun.hash(key, this.#seed)) % BigInt(slots));
  }
}
