/** Gathers outcomes for a moment, since a database commits many as fast as one. */
import type { Clock } from "../core/clock.ts";
import type { Outcome, WebhookOutbox } from "../core/webhook-outbox.ts";

const gatherMs = 10;

export class OutcomeRecorder {
  readonly #outbox: WebhookOutbox;
  readonly #clock: Clock;
  #outcomes: Outcome[] = [];
  #recording: Promise<void> | null = null;

  constructor(outbox: WebhookOutbox, clock: Clock) {
    this.#outbox = outbox;
    this.#clock = clock;
  }

  /** Resolves once it is in the database. */
  record(outcome: Outcome): Promise<void> {
    this.#outcomes.push(outcome);
    this.#recording ??= new Promise<void>((resolve) => {
      this.#clock.after(gatherMs, resolve);
    }).then(() => {
      const outcomes = this.#outcomes;
      this.#outcomes = [];
      this.#recording = null;
      return this.#outbox.record(outcomes);
    });
    return this.#recording;
  }
}
