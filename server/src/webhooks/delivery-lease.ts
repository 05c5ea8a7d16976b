/** This node's lease to deliver webhooks. It ends if it is not renewed in time or another node takes over. */
import type { Clock } from "../core/ports/clock.ts";
import type { WebhookOutbox } from "../core/ports/webhook-outbox.ts";

export interface LeaseNeeds {
  /** The id of this process among those that share the database. */
  readonly nodeId: string;
  readonly outbox: Pick<WebhookOutbox, "lease" | "endLease">;
  readonly clock: Clock;
  readonly leaseMs: number;
  /** The time between a failed attempt and the next one. */
  readonly retryMs: number;
}

export class DeliveryLease {
  readonly #needs: LeaseNeeds;
  /** The token of the last lease, even after it ended. With it the outbox distinguishes a renewal from a restart. */
  #lastToken: number | null = null;
  #heldUntilMs = 0;
  #renewAtMs = 0;

  constructor(needs: LeaseNeeds) {
    this.#needs = needs;
  }

  /** Null if this node does not deliver. */
  get token(): number | null {
    return this.#needs.clock.now() < this.#heldUntilMs ? this.#lastToken : null;
  }

  /** Takes or renews the lease when it is time. Returns true if this node has started to deliver. */
  async renew(): Promise<boolean> {
    const { nodeId, outbox, clock, leaseMs: durationMs, retryMs } = this.#needs;
    // Measured before the request: the database starts counting later, so its lease ends after this one.
    const askedAtMs = clock.now();
    if (askedAtMs < this.#renewAtMs) return false;
    const token = await outbox.lease({ nodeId, token: this.#lastToken, durationMs });
    this.#heldUntilMs = token === null ? 0 : askedAtMs + durationMs;
    this.#renewAtMs = askedAtMs + (token === null ? retryMs : durationMs / 3);
    if (token === null || token === this.#lastToken) return false;
    this.#lastToken = token;
    return true;
  }

  /** Makes the next `renew` ask the database: the clock was set back, or another node has the lease. */
  doubt(): void {
    this.#renewAtMs = 0;
  }

  /** Another node has the lease. */
  lose(): void {
    this.#heldUntilMs = 0;
    this.doubt();
  }

  async end(): Promise<void> {
    const { token } = this;
    this.#heldUntilMs = 0;
    if (token !== null) await this.#needs.outbox.endLease(token);
  }
}
