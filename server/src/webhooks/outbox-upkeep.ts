/** Keeps the outbox small: counts pending deliveries, fails those that waited too long, deletes old ones. */
import type { Clock } from "../core/ports/clock.ts";
import type { Backlog, WebhookOutbox } from "../core/ports/webhook-outbox.ts";
import type { WebhookFigures } from "../core/webhooks/webhook-figures.ts";
import type { PendingCounts } from "./pending-counts.ts";
import type { WebhookDirectory } from "./webhook-directory.ts";
import type { WebhookLimits } from "./webhook-limits.ts";
import type { WebhookQueue } from "./webhook-queue.ts";

/** Counting takes at most this fraction (1/n) of the time, however many deliveries are pending. */
const restsPerCount = 100;

export interface UpkeepNeeds {
  readonly outbox: Pick<WebhookOutbox, "backlog" | "expire" | "endWaitsBeyond" | "sweep">;
  readonly directory: WebhookDirectory;
  readonly pending: PendingCounts;
  readonly clock: Clock;
  readonly limits: WebhookLimits;
  readonly figures: WebhookFigures;
}

export class OutboxUpkeep {
  readonly #needs: UpkeepNeeds;
  readonly #queues: Map<string, WebhookQueue>;
  #countAtMs = 0;
  #sweepAtMs = 0;

  constructor(needs: UpkeepNeeds, queues: Map<string, WebhookQueue>) {
    this.#needs = needs;
    this.#queues = queues;
  }

  /** Makes the next calls do all work, regardless of the planned times. */
  runSoon(): void {
    this.#countAtMs = this.#sweepAtMs = 0;
  }

  /**
   * Counts pending deliveries if it is time.
   * @param token the lease's token; null if another node delivers
   * @throws LeaseLost
   */
  async count(token: number | null): Promise<void> {
    const { outbox, pending, clock, limits, figures } = this.#needs;
    const beganAtMs = clock.now();
    if (beganAtMs < this.#countAtMs) return;
    const backlog = await outbox.backlog();
    pending.set(backlog);
    figures.pausedWebhooks = [...this.#queues.values()].filter(({ circuit }) => circuit.isPaused).length;
    if (token !== null) for (const one of backlog) await this.#giveUpExpired(token, one);
    const tookMs = clock.now() - beganAtMs;
    this.#countAtMs = clock.now() + Math.max(limits.countIntervalMs, tookMs * restsPerCount);
  }

  /** @throws LeaseLost */
  async sweep(token: number): Promise<void> {
    const { outbox, clock, limits, directory } = this.#needs;
    const nowMs = clock.now();
    if (nowMs < this.#sweepAtMs) return;
    this.#sweepAtMs = nowMs + limits.sweepIntervalMs;
    // No retry is later than the end of its window, even if the receiver asked for a longer pause.
    const retryMs = limits.retryWindowMs;
    await outbox.endWaitsBeyond(token, { retryMs, departureMs: limits.departureDelayMs });
    for (const [webhookId, queue] of this.#queues) {
      queue.endPauseBeyond(retryMs);
      if (directory.find(webhookId) === null) this.#queues.delete(webhookId);
    }
    await outbox.sweep(token, {
      deliveredBeforeMs: nowMs - limits.deliveredRetentionMs,
      deadBeforeMs: nowMs - limits.deadRetentionMs,
      keptPerWebhookMax: limits.keptPerWebhookMax,
    });
  }

  /** A paused or disabled webhook sends nothing, so its deliveries would otherwise wait forever. */
  async #giveUpExpired(token: number, { webhookId, oldestWaitedMs }: Backlog): Promise<void> {
    const { outbox, directory, clock, limits, figures } = this.#needs;
    if (oldestWaitedMs <= limits.retryWindowMs) return;
    const webhook = directory.find(webhookId);
    const queue = this.#queues.get(webhookId);
    if (webhook?.isEnabled === true && queue?.circuit.isPaused !== true) return;
    const answer =
      webhook?.isEnabled === true ? "The webhook fails and is paused" : "The webhook is disabled";
    const attempt = { atMs: clock.now(), durationMs: 0, status: null, answer };
    figures.dead += await outbox.expire(token, webhookId, limits.retryWindowMs, attempt);
    queue?.reload();
  }
}
