/** What webhooks count, for whoever shows it. Since the start, on this node. */

export class WebhookFigures {
  /** Events refused because the memory before the database, or the webhook's part of the database, was full. */
  refused = 0;
  delivered = 0;
  /** Attempts without a 2xx. */
  failed = 0;
  /** Attempts after the first. */
  retried = 0;
  /** Deliveries given up. */
  dead = 0;
  requestsInFlight = 0;
  /** As the database had it at the last look. */
  pending = 0;
  oldestPendingAtMs: number | null = null;
  pausedWebhooks = 0;
  #onRequest: (durationMs: number, isSuccess: boolean) => void = () => undefined;

  /** One listener: called after each request. */
  onRequest(listener: (durationMs: number, isSuccess: boolean) => void): void {
    this.#onRequest = listener;
  }

  noteRequest(durationMs: number, isSuccess: boolean): void {
    if (!isSuccess) this.failed += 1;
    this.#onRequest(durationMs, isSuccess);
  }
}
