/** The latest unknown app keys that clients used, such as the key of a deleted app. */
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

/** A limit, because anybody can send any key. The least recently used key is removed. */
const keysMax = 50;
const keyLengthMax = 64;
const keptForMs = 3_600_000;

export class UnknownKeys {
  readonly #clock: Clock;
  /** The most recently used key is last. */
  readonly #keys = new Map<string, UnknownKey>();

  constructor(activity: ActivityFeed, clock: Clock) {
    this.#clock = clock;
    activity.on("handshake_refused", ({ appId, appKey, sender }) => {
      if (appId === null && appKey !== null) this.#record(ownText(appKey.slice(0, keyLengthMax)), sender);
    });
  }

  /** The keys of the last hour, most recently used first. */
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
