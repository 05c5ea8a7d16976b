/** Gathers outcomes for a moment, since a database commits many as fast as one. */
import type { Clock } from "../core/ports/clock.ts";
import type { Outcome, WebhookOutbox } from "../core/ports/webhook-outbox.ts";
import type { WebhookLog } from "./webhook-log.ts";

const gatherMs = 10;
const retryMs = 1_000;

export interface RecorderNeeds {
  readonly outbox: WebhookOutbox;
  readonly clock: Clock;
  readonly log: WebhookLog;
}

export class OutcomeRecorder {
  readonly #needs: RecorderNeeds;
  #outcomes: Outcome[] = [];
  #recording: Promise<void> | null = null;
  #isFailing = false;
  #isStopped = false;

  constructor(needs: RecorderNeeds) {
    this.#needs = needs;
  }

  /**
   * Resolves once it is in the database: what was sent and is not written down would be sent again.
   * @throws where the database does not take it and the recorder was stopped
   */
  record(outcome: Outcome): Promise<void> {
    this.#outcomes.push(outcome);
    this.#recording ??= this.#recordGathered();
    return this.#recording;
  }

  /** What the database does not take at the next try is given up. */
  stop(): void {
    this.#isStopped = true;
  }

  async #recordGathered(): Promise<void> {
    await this.#pass(gatherMs);
    const outcomes = this.#outcomes;
    this.#outcomes = [];
    this.#recording = null;
    while (!(await this.#isTaken(outcomes))) await this.#pass(retryMs);
  }

  async #isTaken(outcomes: readonly Outcome[]): Promise<boolean> {
    const { outbox, log } = this.#needs;
    try {
      await outbox.record(outcomes);
      this.#isFailing = false;
      return true;
    } catch (error) {
      if (this.#isStopped) throw error;
      // Told once, not with every try.
      if (!this.#isFailing)
        log.error({ err: error }, "What became of webhook requests could not be written; trying again");
      this.#isFailing = true;
      return false;
    }
  }

  #pass(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#needs.clock.after(ms, resolve);
    });
  }
}
