/**
 * Decides when the subscription count of a channel is sent: immediately while it is small, at intervals when it is
 * large.
 */
import type { Clock } from "../core/ports/clock.ts";
import { subscriptionCountPace } from "../core/ports/roster.ts";

const { largeFrom, largeIntervalMs } = subscriptionCountPace;

export type TellCount = (appId: string, channel: string, subscriptionCount: number) => void;

export class CountPace {
  readonly #clock: Clock;
  readonly #tell: TellCount;
  /**
   * For each large channel whose count was sent within the interval: the newest count, or null if it has not changed.
   */
  readonly #waiting = new Map<string, number | null>();

  constructor(clock: Clock, tell: TellCount) {
    this.#clock = clock;
    this.#tell = tell;
  }

  changed(appId: string, channel: string, subscriptionCount: number): void {
    const key = `${appId}/${channel}`;
    if (this.#waiting.has(key)) {
      this.#waiting.set(key, subscriptionCount);
      return;
    }
    this.#tell(appId, channel, subscriptionCount);
    if (subscriptionCount > largeFrom) this.#tellLater(key, appId, channel);
  }

  #tellLater(key: string, appId: string, channel: string): void {
    this.#waiting.set(key, null);
    this.#clock.after(largeIntervalMs, () => {
      const newest = this.#waiting.get(key) ?? null;
      this.#waiting.delete(key);
      if (newest === null) return;
      this.#tell(appId, channel, newest);
      if (newest > largeFrom) this.#tellLater(key, appId, channel);
    });
  }
}
