/** Limits the connections and the handshakes per second of each address. An IPv6 /64 network counts as one address. */

import { RateLimit } from "../core/limits/rate-limit.ts";
import type { Clock } from "../core/ports/clock.ts";
import { holderOf } from "../net/ip-address.ts";

const addressesMax = 100_000;

export interface AddressLimitOptions {
  /** 0: no limit. */
  readonly connectionsMax: number;
  /** Whether many clients may share the address, such as the address of a proxy. Its connections are not limited. */
  readonly isShared: (address: string) => boolean;
  /** 0: no limit. */
  readonly handshakesPerSecondMax: number;
}

export class AddressLimits {
  readonly #clock: Clock;
  readonly #options: AddressLimitOptions;
  readonly #connections = new Map<string, number>();
  readonly #handshakes = new Map<string, RateLimit>();

  constructor(clock: Clock, options: AddressLimitOptions) {
    this.#clock = clock;
    this.#options = options;
  }

  /** The error message of the rejection; null if the handshake is accepted. */
  refusal(from: string): string | null {
    const { connectionsMax, handshakesPerSecondMax: perSecondMax } = this.#options;
    const address = holderOf(from);
    if (this.#isLimited(from) && (this.#connections.get(address) ?? 0) >= connectionsMax)
      return `Too many connections from ${address}: at most ${connectionsMax} at once`;
    if (perSecondMax === 0) return null;
    const waitMs = this.#handshakeRate(address).take(perSecondMax, perSecondMax, this.#clock.now());
    return waitMs === 0 ? null : `Too many handshakes from ${address}: at most ${perSecondMax} per second`;
  }

  opened(from: string): void {
    if (!this.#isLimited(from)) return;
    const address = holderOf(from);
    this.#connections.set(address, (this.#connections.get(address) ?? 0) + 1);
  }

  closed(from: string): void {
    if (!this.#isLimited(from)) return;
    const address = holderOf(from);
    const count = this.#connections.get(address);
    if (count === undefined) return;
    if (count > 1) this.#connections.set(address, count - 1);
    else this.#connections.delete(address);
  }

  #isLimited(from: string): boolean {
    const { connectionsMax, isShared } = this.#options;
    return connectionsMax > 0 && !isShared(from);
  }

  #handshakeRate(address: string): RateLimit {
    let rate = this.#handshakes.get(address);
    if (rate === undefined) {
      // An evicted bucket starts full again. To evict buckets, an attacker needs as many addresses.
      if (this.#handshakes.size >= addressesMax) this.#handshakes.clear();
      rate = new RateLimit(this.#options.handshakesPerSecondMax, this.#clock.now());
      this.#handshakes.set(address, rate);
    }
    return rate;
  }
}
