/** How many connections, and how many handshakes a second, one address may have. An IPv6 network of /64 counts as one address. */
import type { Clock } from "../core/ports/clock.ts";
import { RateLimit } from "../core/rate-limit.ts";

const addressesMax = 100_000;

export class AddressLimits {
  readonly #clock: Clock;
  readonly #connectionsMax: number;
  readonly #handshakesPerSecondMax: number;
  readonly #connections = new Map<string, number>();
  readonly #handshakes = new Map<string, RateLimit>();

  /** 0 means: no limit. */
  constructor(clock: Clock, connectionsMax: number, handshakesPerSecondMax: number) {
    this.#clock = clock;
    this.#connectionsMax = connectionsMax;
    this.#handshakesPerSecondMax = handshakesPerSecondMax;
  }

  /** The sentence to refuse with, or null. */
  refusal(from: string): string | null {
    const address = holder(from);
    if (this.#connectionsMax > 0 && (this.#connections.get(address) ?? 0) >= this.#connectionsMax) {
      return `Too many connections from ${address}: at most ${this.#connectionsMax} at once`;
    }
    const perSecondMax = this.#handshakesPerSecondMax;
    if (
      perSecondMax > 0 &&
      this.#handshakeRate(address).take(perSecondMax, perSecondMax, this.#clock.now()) > 0
    ) {
      return `Too many handshakes from ${address}: at most ${perSecondMax} a second`;
    }
    return null;
  }

  opened(from: string): void {
    if (this.#connectionsMax === 0) return;
    const address = holder(from);
    this.#connections.set(address, (this.#connections.get(address) ?? 0) + 1);
  }

  closed(from: string): void {
    if (this.#connectionsMax === 0) return;
    const address = holder(from);
    const count = this.#connections.get(address);
    if (count === undefined) return;
    if (count > 1) this.#connections.set(address, count - 1);
    else this.#connections.delete(address);
  }

  #handshakeRate(address: string): RateLimit {
    let rate = this.#handshakes.get(address);
    if (rate === undefined) {
      // A bucket that is forgotten is a full one: starting over costs an attacker nothing less than an address.
      if (this.#handshakes.size >= addressesMax) this.#handshakes.clear();
      rate = new RateLimit(this.#handshakesPerSecondMax, this.#clock.now());
      this.#handshakes.set(address, rate);
    }
    return rate;
  }
}

/** Whoever has one IPv6 address has its whole /64. */
function holder(address: string): string {
  if (!address.includes(":")) return address;
  const [start, end] = address.split("::").map((part) => part.split(":").filter(Boolean));
  const zeros = 8 - (start?.length ?? 0) - (end?.length ?? 0);
  const groups = [...(start ?? []), ...Array<string>(Math.max(0, zeros)).fill("0"), ...(end ?? [])];
  return `${groups.slice(0, 4).join(":")}::/64`;
}
