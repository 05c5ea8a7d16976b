/** The broker of a cluster on Redis: an event is sent to Redis and comes back on the line of its channel. */
import { type Broker, EngineUnreachable, type Published } from "../core/ports/broker.ts";
import type { HistoryBounds, HistoryPage, HistoryQuery, Position } from "../core/ports/history.ts";
import type { LineEvent, LineListener } from "../core/ports/line.ts";
import type { RedisChannels } from "./redis-channels.ts";
import { decodeKept, entryOf, headerOf } from "./redis-line.ts";
import type { RedisLink } from "./redis-link.ts";

/** The policy for publishes while Redis is unreachable: deliver to this node's subscribers, or refuse. */
export type ClusterLoss = "local" | "refuse";

export interface RedisBrokerOptions {
  readonly loss: ClusterLoss;
  /** The maximum bytes of one channel's history. The memory limit of Redis applies to all histories together. */
  readonly historyChannelBytesMax: number;
}

const noHistory: HistoryPage = { position: null, events: [], next: null, nowMs: 0 };

export class RedisBroker implements Broker {
  readonly #link: RedisLink;
  readonly #channels: RedisChannels;
  readonly #options: RedisBrokerOptions;
  /** The number of events that this node has published; the latest event has this number. */
  #sequence = 0;
  /** Stored events that were dropped for the byte limit, before the limits of their rule applied. */
  droppedForRoom = 0;

  constructor(link: RedisLink, channels: RedisChannels, options: RedisBrokerOptions) {
    this.#link = link;
    this.#channels = channels;
    this.#options = options;
  }

  get publishedCount(): number {
    return this.#sequence;
  }

  get problem(): string | null {
    return this.#link.problem;
  }

  listen(listener: LineListener): void {
    this.#channels.listen(listener);
  }

  onGap(listener: Parameters<Broker["onGap"]>[0]): void {
    this.#channels.onGap(listener);
  }

  async publish(
    appId: string,
    channel: string,
    event: LineEvent,
    bounds: HistoryBounds | null,
  ): Promise<Published> {
    this.#sequence += 1;
    const sequence = this.#sequence;
    const key = this.#link.keys.channel(appId, channel);
    const isSent = this.#link.isUp;
    try {
      if (!isSent) throw new EngineUnreachable(this.#link.problem ?? "Redis is unreachable");
      const origin = { nodeId: this.#link.nodeId, sequence };
      if (bounds !== null) {
        const position = await this.#keep(key, headerOf(event, origin), event.frame, bounds);
        return { outcome: "sequenced", position, recipients: null };
      }
      const followers = await this.#link.send(key, ["SPUBLISH", key, entryOf(event, origin)]);
      // A node with subscribers follows the line, so without followers there are no subscribers.
      return { outcome: "sequenced", position: null, recipients: followers === 0 ? 0 : null };
    } catch (error) {
      if (!(error instanceof EngineUnreachable)) throw error;
      // Only the answer was lost: the subscribers have the event.
      const arrived = isSent ? (this.#channels.find(appId, channel)?.arrivedSequence ?? 0) : 0;
      if (arrived >= sequence) return { outcome: "sequenced", position: null, recipients: null };
      if (this.#options.loss === "refuse") throw error;
      if (isSent) this.#channels.deliveredLocally(sequence);
      return { outcome: "local", recipients: this.#channels.line.event(appId, channel, event, null) };
    }
  }

  async follow(appId: string, name: string): Promise<void> {
    const channel = this.#channels.open(appId, name);
    channel.follows += 1;
    const followed = this.#channels.follow(channel, false);
    if (this.#link.isUp) await followed;
  }

  unfollow(appId: string, name: string): void {
    const channel = this.#channels.find(appId, name);
    if (channel === undefined || channel.follows === 0) return;
    channel.follows -= 1;
    this.#channels.lingerIfIdle(channel);
  }

  async history(
    appId: string,
    channel: string,
    { eventsMax, ageMsMax }: HistoryBounds,
    { direction, from, limit, sinceMs = 0, untilMs = Number.MAX_SAFE_INTEGER }: HistoryQuery,
  ): Promise<HistoryPage> {
    const reply = await this.#link.run("history", this.#link.keys.channel(appId, channel), [
      direction,
      from === null ? "" : String(from),
      String(limit),
      String(eventsMax),
      String(ageMsMax),
      String(sinceMs),
      String(untilMs),
    ]);
    if (typeof reply !== "string") return noHistory;
    const { e, o, v, n } = JSON.parse(reply) as { e: string; o: string; v: unknown; n: number };
    const events = decodeKept(v);
    return {
      position: { epoch: e, offset: Number(o) },
      events: events.slice(0, limit),
      next: events[limit]?.offset ?? null,
      nowMs: n,
    };
  }

  async #keep(
    key: string,
    header: string,
    frame: string,
    { eventsMax, ageMsMax }: HistoryBounds,
  ): Promise<Position> {
    const bytesMax = this.#options.historyChannelBytesMax;
    const args = [header, frame, String(eventsMax), String(ageMsMax), String(bytesMax)];
    const reply = (await this.#link.run("publish", key, args)) as string;
    const [epoch = "", offset, dropped] = reply.split(" ");
    this.droppedForRoom += Number(dropped);
    return { epoch, offset: Number(offset) };
  }
}
