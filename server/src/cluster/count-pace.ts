/**
 * Decides when the subscription count of a channel is sent: immediately while it is small, at intervals when it is
 * large.
 */
import type { Clock } from "../core/ports/clock.ts";
import { subscriptionCountPace } from "../core/ports/roster.ts";

const { largeFrom, largeIntervalMs } = subscriptionCountPace;

export type PublishCount = (appId: string, channel: string, subscriptionCount: number) => void;

export class CountPace {
  readonly #clock: Clock;
  readonly #publish: PublishCount;
  /**
   * For each large channel whose count was sent within the interval: the newest count, or null if it has not changed.
   */
  readonly #waiting = new Map<string, number | null>();

  constructor(clock: Clock, publish: PublishCount) {
    this.#clock = clock;
    this.#publish = publish;
  }

  changed(appId: string, channel: string, subscriptionCount: number): void {
    const key = `${appId}/${channel}`;
    if (this.#waiting.has(key)) {
      this.#waiting.set(key, subscriptionCount);
      return;
    }
    this.#publish(appId, channel, subscriptionCount);
    if (subscriptionCount > largeFrom) this.#publishLater(key, appId, channel);
  }

  #publishLater(key: string, appId: string, channel: string): void {
    this.#waiting.set(key, null);
    this.#clock.after(largeIntervalMs, () => {
      const newest = this.#waiting.get(key) ?? null;
      this.#waiting.delete(key);
      if (newest === null) return;
      this.#publish(appId, channel, newest);
      if (newest > largeFrom) this.#publishLater(key, appId, channel);
    });
  }
}
