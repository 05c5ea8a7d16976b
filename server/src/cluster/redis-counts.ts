/** Writes this node's number of subscriptions in a channel to Redis: the changes of 100 ms in one write. */
import type { Clock } from "../core/ports/clock.ts";
import { type RosterChange, subscriptionCountPace } from "../core/ports/roster.ts";
import type { FollowedChannel } from "./followed-channel.ts";
import { ignoreUnreachable } from "./ignore-unreachable.ts";
import type { RedisChanges } from "./redis-changes.ts";
import type { RedisLink } from "./redis-link.ts";

const countsEveryMs = 100;

export class RedisCounts {
  readonly #link: RedisLink;
  readonly #changes: RedisChanges;
  readonly #clock: Clock;
  readonly #onChange: (change: RosterChange) => void;
  /** Channels whose count on this node has changed; true: subscribers receive the count. */
  readonly #changed = new Map<FollowedChannel, boolean>();
  #isFlushDue = false;
  /** Whether Redis has all contributions of this node. Without them the counts would be too low. */
  #isEntered = false;
  /** How often the link broke. */
  breaks = 0;

  constructor(
    link: RedisLink,
    changes: RedisChanges,
    clock: Clock,
    onChange: (change: RosterChange) => void,
  ) {
    this.#link = link;
    this.#changes = changes;
    this.#clock = clock;
    this.#onChange = onChange;
    link.onDown(() => {
      this.#isEntered = false;
      this.breaks += 1;
    });
  }

  /**
   * Call it when Redis has all contributions of this node: writes the changes that waited for them.
   * @param breaks from before the contributions: if the link broke since, they are not complete
   */
  entered(breaks: number): void {
    if (breaks !== this.breaks) return;
    this.#isEntered = true;
    if (this.#changed.size > 0) this.#flushSoon();
  }

  changed(channel: FollowedChannel, isPublished: boolean): void {
    this.#add(channel, isPublished);
    this.#flushSoon();
  }

  /** A channel that came and went while Redis was unreachable has no count there. */
  forgotten(channel: FollowedChannel): void {
    if (channel.writtenCount === null) this.#changed.delete(channel);
  }

  /**
   * Writes the count of a node immediately.
   * @returns the milliseconds until the count must be sent again; 0: never
   * @throws EngineUnreachable
   */
  send(
    { appId, name, key }: Pick<FollowedChannel, "appId" | "name" | "key">,
    nodeId: string,
    subscriptions: number,
    isPublished: boolean,
  ): Promise<number> {
    const pace = [String(subscriptionCountPace.largeFrom), String(subscriptionCountPace.largeIntervalMs)];
    const args = [nodeId, String(subscriptions), isPublished ? "1" : "0", ...pace];
    return this.#changes.run("count", key, args, (changes) => {
      for (const [, revision, count] of changes)
        this.#onChange({
          type: "subscription_count",
          appId,
          channel: name,
          subscriptionCount: Number(count),
          revision: Number(revision),
        });
    });
  }

  #add(channel: FollowedChannel, isPublished: boolean): void {
    this.#changed.set(channel, isPublished || this.#changed.get(channel) === true);
  }

  #flushSoon(): void {
    if (this.#isFlushDue) return;
    this.#isFlushDue = true;
    this.#clock.after(countsEveryMs, () => {
      this.#isFlushDue = false;
      if (!this.#isEntered) return;
      const changed = [...this.#changed];
      this.#changed.clear();
      for (const [one, isPublished] of changed)
        this.#flush(one, isPublished).catch((error) => {
          ignoreUnreachable(error);
          this.#add(one, isPublished);
        });
    });
  }

  async #flush(channel: FollowedChannel, isPublished: boolean): Promise<void> {
    if (!isPublished && channel.writtenCount === channel.subscriptions) return;
    channel.writtenCount = channel.subscriptions;
    const waitMs = await this.send(channel, this.#link.nodeId, channel.subscriptions, isPublished);
    if (waitMs > 0) this.#clock.after(waitMs, () => this.changed(channel, true));
  }
}
