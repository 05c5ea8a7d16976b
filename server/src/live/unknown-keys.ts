/** The latest app keys of refused clients that no app has, such as of an app that was deleted. */
import type { ActivityFeed } from "../core/activity.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Sender } from "../core/sender.ts";
import { ownText } from "../protocol/own-text.ts";

export interface UnknownKey {
  readonly key: string;
  readonly handshakes: number;
  readonly firstMs: number;
  readonly lastMs: number;
  /** Of the latest handshake. */
  readonly sender: Sender;
}

/** Anybody can send any key: the one that was not sent for the longest time is forgotten. */
const keysMax = 50;
const keyLengthMax = 64;
const keptForMs = 3_600_000;

export class UnknownKeys {
  readonly #clock: Clock;
  /** The latest last. */
  readonly #keys = new Map<string, UnknownKey>();

  constructor(activity: ActivityFeed, clock: Clock) {
    this.#clock = clock;
    activity.on("handshake_refused", ({ appId, appKey, sender }) => {
      if (appId === null && appKey !== null) this.#record(ownText(appKey.slice(0, keyLengthMax)), sender);
    });
  }

  /** Those of the last hour, the latest first. */
  latest(): UnknownKey[] {
    const sinceMs = this.#clock.now() - keptForMs;
    return [...this.#keys.values()].filter(({ lastMs }) => lastMs >= sinceMs).reverse();
  }

  #record(key: string, sender: Sender): void {
    const nowMs = this.#clock.now();
    const known = this.#keys.get(key);
    this.#keys.delete(key);
    const { handshakes, firstMs } = known ?? { handshakes: 0, firstMs: nowMs };
    this.#keys.set(key, { key, handshakes: handshakes + 1, firstMs, lastMs: nowMs, sender });
    const [oldest] = this.#keys.keys();
    if (this.#keys.size > keysMax && oldest !== undefined) this.#keys.delete(oldest);
  }
}
