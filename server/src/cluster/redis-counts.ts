/** Tells Redis how many subscriptions this node has in a channel: the changes of 100 ms in one write. */
import type { Clock } from "../core/ports/clock.ts";
import { type RosterChange, subscriptionCountPace } from "../core/ports/roster.ts";
import type { FollowedChannel } from "./followed-channel.ts";
import { ignoreAway } from "./redis-channels.ts";
import type { RedisLink } from "./redis-link.ts";

const countsEveryMs = 100;

/** What the script `count` answers: milliseconds until the count has to be told again, or 0; where it was told, revision and count. */
type CountReply = [waitMs: number, revision?: string, total?: string];

export class RedisCounts {
  readonly #link: RedisLink;
  readonly #clock: Clock;
  readonly #onChange: (change: RosterChange) => void;
  /** Channels whose count on this node has changed; true: the channel is told its count. */
  readonly #changed = new Map<FollowedChannel, boolean>();
  #isFlushDue = false;

  constructor(link: RedisLink, clock: Clock, onChange: (change: RosterChange) => void) {
    this.#link = link;
    this.#clock = clock;
    this.#onChange = onChange;
  }

  changed(channel: FollowedChannel, isTold: boolean): void {
    this.#changed.set(channel, isTold || this.#changed.get(channel) === true);
    if (this.#isFlushDue) return;
    this.#isFlushDue = true;
    this.#clock.after(countsEveryMs, () => {
      this.#isFlushDue = false;
      const changed = [...this.#changed];
      this.#changed.clear();
      if (!this.#link.isUp) return;
      for (const [one, isOneTold] of changed) this.#flush(one, isOneTold).catch(ignoreAway);
    });
  }

  /** Sets the count of a node at once. @throws EngineAway */
  async send(key: string, nodeId: string, subscriptions: number, isTold: boolean): Promise<CountReply> {
    const { largeFrom, largeIntervalMs } = subscriptionCountPace;
    const args = [
      nodeId,
      String(subscriptions),
      isTold ? "1" : "0",
      String(largeFrom),
      String(largeIntervalMs),
    ];
    return (await this.#link.run("count", key, args)) as CountReply;
  }

  async #flush(channel: FollowedChannel, isTold: boolean): Promise<void> {
    const { key, appId, name, subscriptions } = channel;
    const [waitMs, revision, total] = await this.send(key, this.#link.nodeId, subscriptions, isTold);
    if (waitMs > 0) this.#clock.after(waitMs, () => this.changed(channel, true));
    if (revision === undefined) return;
    this.#onChange({
      ...{ type: "subscription_count", appId, channel: name },
      ...{ subscriptionCount: Number(total), revision: Number(revision) },
    });
  }
}
