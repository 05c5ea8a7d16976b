/** A client that records the frames that it receives and the channels that it leaves, for the checks of invariants. */
import type { Connection, Socket } from "../../src/core/connection.ts";
import { channelStringToSign, hmacSha256, userStringToSign } from "../../src/protocol/signature.ts";
import type { FakeTopics } from "../support/fakes/fake-topics.ts";
import type { SimNode } from "./sim-node.ts";

/** One received frame or action of a client, in order. */
export type Note = { readonly atMs: number } & (
  | { readonly type: "entered"; readonly channel: string; readonly userIds: readonly string[] | null }
  | { readonly type: "left"; readonly channel: string }
  | { readonly type: "event"; readonly channel: string; readonly id: string }
  | { readonly type: "cache-miss"; readonly channel: string }
  | { readonly type: "member-added"; readonly channel: string; readonly userId: string }
  | { readonly type: "member-removed"; readonly channel: string; readonly userId: string }
  | { readonly type: "count"; readonly channel: string; readonly subscriptionCount: number }
  | {
      readonly type: "watchlist";
      readonly online: readonly string[];
      readonly offline: readonly string[];
    }
  | { readonly type: "other"; readonly event: string; readonly data: unknown }
);

export interface Signer {
  readonly key: string;
  readonly secret: string;
}

/** The events of a socket for its client: frames, the channels that it left, and the close. */
export interface SocketEvents {
  frame(frame: string): void;
  left(topic: string): void;
  closed(code: number): void;
}

export class SimSocket implements Socket {
  isClosed = false;
  readonly #topics: FakeTopics;
  readonly #events: SocketEvents;

  constructor(topics: FakeTopics, events: SocketEvents) {
    this.#topics = topics;
    this.#events = events;
  }

  send(frame: string): void {
    if (!this.isClosed) this.#events.frame(frame);
  }

  subscribe(topic: string): void {
    if (!this.isClosed) this.#topics.add(topic, this);
  }

  unsubscribe(topic: string): void {
    this.#topics.remove(topic, this);
  }

  /** Called when it left a topic of its app. */
  left(topic: string): void {
    if (!this.isClosed) this.#events.left(topic);
  }

  close(code: number): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.#topics.removeEverywhere(this);
    this.#events.closed(code);
  }

  getBufferedAmount(): number {
    return 0;
  }
}

export class SimClient {
  readonly name: string;
  /** Its user id on presence channels and when it signs in. */
  readonly userId: string;
  readonly node: SimNode;
  readonly notes: Note[] = [];
  closedAtMs: number | null = null;
  closeCode: number | null = null;
  #connection: Connection | null = null;

  constructor(name: string, userId: string, node: SimNode) {
    this.name = name;
    this.userId = userId;
    this.node = node;
  }

  get connection(): Connection {
    if (this.#connection === null) throw new Error(`${this.name} is not connected yet`);
    return this.#connection;
  }

  connected(connection: Connection): void {
    this.#connection = connection;
  }

  /** The connection was lost without a close frame. */
  get wasCut(): boolean {
    return this.closeCode === 1006;
  }

  get isOpen(): boolean {
    return !(this.connection.socket as SimSocket).isClosed;
  }

  left(channel: string): void {
    this.notes.push({ atMs: this.node.world.elapsedMs, type: "left", channel });
  }

  receive(frame: string): void {
    const atMs = this.node.world.elapsedMs;
    const { event, channel, data: text } = JSON.parse(frame);
    const data = typeof text === "string" && text.startsWith("{") ? JSON.parse(text) : text;
    switch (event) {
      case "pusher_internal:subscription_succeeded":
        this.notes.push({ atMs, type: "entered", channel, userIds: data.presence?.ids ?? null });
        return;
      case "pusher_internal:member_added":
        this.notes.push({ atMs, type: "member-added", channel, userId: data.user_id });
        return;
      case "pusher_internal:member_removed":
        this.notes.push({ atMs, type: "member-removed", channel, userId: data.user_id });
        return;
      case "pusher_internal:subscription_count":
        this.notes.push({ atMs, type: "count", channel, subscriptionCount: data.subscription_count });
        return;
      case "pusher:cache_miss":
        this.notes.push({ atMs, type: "cache-miss", channel });
        return;
      case "pusher_internal:watchlist_events":
        this.notes.push({ atMs, type: "watchlist", ...watchlistOf(data.events) });
        return;
      case "e":
      case "client-e":
        this.notes.push({ atMs, type: "event", channel, id: String(data) });
        return;
      default:
        this.notes.push({ atMs, type: "other", event, data });
    }
  }

  subscription(channel: string, { key, secret }: Signer): string {
    const channelData = channel.startsWith("presence-") ? JSON.stringify({ user_id: this.userId }) : null;
    const text = channelStringToSign(this.connection.socketId, channel, channelData);
    const auth = `${key}:${hmacSha256(secret, text)}`;
    return JSON.stringify({
      event: "pusher:subscribe",
      data: { channel, auth, ...(channelData !== null && { channel_data: channelData }) },
    });
  }

  signIn(watchlist: readonly string[], { key, secret }: Signer): string {
    const userData = JSON.stringify({ id: this.userId, watchlist });
    const auth = `${key}:${hmacSha256(secret, userStringToSign(this.connection.socketId, userData))}`;
    return JSON.stringify({ event: "pusher:signin", data: { auth, user_data: userData } });
  }
}

function watchlistOf(events: readonly { readonly name: string; readonly user_ids: readonly string[] }[]): {
  readonly online: readonly string[];
  readonly offline: readonly string[];
} {
  const named = (name: string) =>
    events.filter((one) => one.name === name).flatMap(({ user_ids }) => user_ids);
  return { online: named("online"), offline: named("offline") };
}
