/** This node's hold on the lease of delivery: it ends when it was not renewed in time, or another node has taken over. */
import type { Clock } from "../core/ports/clock.ts";
import type { WebhookOutbox } from "../core/ports/webhook-outbox.ts";

export interface LeaseNeeds {
  /** Names this process among those that share the database. */
  readonly nodeId: string;
  readonly outbox: Pick<WebhookOutbox, "lease" | "endLease">;
  readonly clock: Clock;
  readonly leaseMs: number;
  /** From a try that failed to the next. */
  readonly retryMs: number;
}

export class DeliveryLease {
  readonly #needs: LeaseNeeds;
  /** Of the last lease, also after its end: the outbox tells a renewal by it from a restart. */
  #lastToken: number | null = null;
  #heldUntilMs = 0;
  #renewAtMs = 0;

  constructor(needs: LeaseNeeds) {
    this.#needs = needs;
  }

  /** Null where this node does not deliver. */
  get token(): number | null {
    return this.#needs.clock.now() < this.#heldUntilMs ? this.#lastToken : null;
  }

  /** Takes the lease, or renews it, where it is time to. Answers whether this node has begun to deliver anew. */
  async renew(): Promise<boolean> {
    const { nodeId, outbox, clock, leaseMs: durationMs, retryMs } = this.#needs;
    // From before the question: the database counts from later, so its lease outlasts this one.
    const askedAtMs = clock.now();
    if (askedAtMs < this.#renewAtMs) return false;
    const token = await outbox.lease({ nodeId, token: this.#lastToken, durationMs });
    this.#heldUntilMs = token === null ? 0 : askedAtMs + durationMs;
    this.#renewAtMs = askedAtMs + (token === null ? retryMs : durationMs / 3);
    if (token === null || token === this.#lastToken) return false;
    this.#lastToken = token;
    return true;
  }

  /** The next `renew` asks, whenever it was planned: the clock was set back, or another node has the lease. */
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
