/** Collects outcomes briefly and writes them together, because a database commits many as fast as one. */
import { pause } from "../core/pause.ts";
import type { Clock } from "../core/ports/clock.ts";
import { LeaseLost, type Outcome, type WebhookOutbox } from "../core/ports/webhook-outbox.ts";
import type { WebhookLog } from "./webhook-log.ts";

const gatherMs = 10;
const retryMs = 1_000;

export interface RecorderNeeds {
  readonly outbox: Pick<WebhookOutbox, "record">;
  readonly clock: Clock;
  readonly log: WebhookLog;
}

interface Gathered {
  readonly token: number;
  readonly outcomes: Outcome[];
  readonly recorded: Promise<void>;
}

export class OutcomeRecorder {
  readonly #needs: RecorderNeeds;
  #gathered: Gathered | null = null;
  #isFailing = false;
  #isStopped = false;

  constructor(needs: RecorderNeeds) {
    this.#needs = needs;
  }

  /**
   * Resolves once the outcome is in the database: a delivery whose outcome is not recorded would be sent again.
   * @param token the lease's token when the request was sent
   * @throws LeaseLost
   * @throws if the database does not accept it and the recorder was stopped
   */
  record(token: number, outcome: Outcome): Promise<void> {
    if (this.#gathered?.token !== token) this.#gathered = this.#gather(token);
    this.#gathered.outcomes.push(outcome);
    return this.#gathered.recorded;
  }

  /** The next write is the last one: outcomes that the database does not accept then are dropped. */
  stop(): void {
    this.#isStopped = true;
  }

  #gather(token: number): Gathered {
    const outcomes: Outcome[] = [];
    const recorded = pause(this.#needs.clock, gatherMs).then(async () => {
      if (this.#gathered?.outcomes === outcomes) this.#gathered = null;
      while (!(await this.#isTaken(token, outcomes))) await pause(this.#needs.clock, retryMs);
    });
    return { token, outcomes, recorded };
  }

  async #isTaken(token: number, outcomes: readonly Outcome[]): Promise<boolean> {
    const { outbox, log } = this.#needs;
    try {
      await outbox.record(token, outcomes);
      this.#isFailing = false;
      return true;
    } catch (error) {
      if (this.#isStopped || error instanceof LeaseLost) throw error;
      // Log once, not on every attempt.
      if (!this.#isFailing)
        log.error({ err: error }, "The outcomes of webhook requests could not be written; retrying");
      this.#isFailing = true;
      return false;
    }
  }
}
