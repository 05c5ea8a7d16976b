/** Sends live feed entries between nodes, in batches, while somebody on another node watches the app. */
import { randomBytes } from "node:crypto";
import type { ActivityFeed } from "../core/activity.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { ClusterBus } from "../core/ports/cluster-bus.ts";
import type { NodeName } from "../core/ports/nodes.ts";
import { entryDetails, type LiveNews, liveTypes } from "./live-entry.ts";

export interface LivePeers {
  readonly bus: Pick<ClusterBus, "listen" | "hasListeners" | "send">;
  /** This node. Called only after it has joined the cluster. */
  readonly me: () => NodeName;
}

/** Receives entries from other nodes. */
export interface LivePeerListener {
  news(news: LiveNews): void;
  /** Reports that this number of a node's entries were dropped before they arrived; null: an unknown number. */
  dropped(count: number | null): void;
}

const version = 1;
const batchEveryMs = 50;
/** The maximum bytes of the entries in one batch of an app, and in all waiting batches. */
const batchBytesMax = 262_144;
const waitingBytesMax = 4_194_304;

interface Batch {
  readonly v: number;
  readonly nodeId: string;
  /** Identifies the period in which the sender numbers the app's entries without a break. */
  readonly epoch: string;
  /** The number of the first entry. A missing number means a lost entry. */
  readonly first: number;
  readonly news: readonly LiveNews[];
  /** The number of entries that were dropped after these. Absent in batches of older nodes. */
  readonly dropped?: number;
}

interface Outgoing {
  readonly epoch: string;
  first: number;
  news: LiveNews[];
  bytes: number;
  /** After a dropped entry, all are dropped until the batch is sent. */
  dropped: number;
}

export class LiveExchange {
  readonly #peers: LivePeers;
  readonly #clock: Clock;
  readonly #outgoing = new Map<string, Outgoing>();
  #waitingBytes = 0;

  constructor(activity: ActivityFeed, peers: LivePeers, clock: Clock) {
    this.#peers = peers;
    this.#clock = clock;
    for (const type of liveTypes)
      activity.on(type, (one) => {
        if (one.appId === null) return;
        if (!peers.bus.hasListeners(topicOf(one.appId))) {
          this.#skip(one.appId);
          return;
        }
        const nowMs = clock.now();
        const at = new Date(nowMs).toISOString();
        this.#send(one.appId, { at, node: peers.me(), ...entryDetails(one, nowMs) });
      });
  }

  /** Returns a function that stops listening. */
  listen(appId: string, listener: LivePeerListener): () => void {
    const expected = new Map<string, { readonly epoch: string; readonly next: number }>();
    return this.#peers.bus.listen(topicOf(appId), (text) => {
      const batch = readBatch(text);
      if (batch === null) return false;
      const { nodeId, epoch, first, news, dropped = 0 } = batch;
      if (nodeId === this.#peers.me().id) return true;
      const known = expected.get(nodeId);
      if (known?.epoch === epoch && first > known.next) listener.dropped(first - known.next);
      // The node did not know for a while that this one listens, for example because this one had no connection.
      if (known !== undefined && known.epoch !== epoch) listener.dropped(null);
      expected.set(nodeId, { epoch, next: first + news.length + dropped });
      for (const one of news) listener.news(one);
      if (dropped > 0) listener.dropped(dropped);
      return true;
    });
  }

  #send(appId: string, news: LiveNews): void {
    const outgoing = this.#outgoing.get(appId) ?? this.#begin(appId);
    if (outgoing.news.length + outgoing.dropped === 0)
      this.#clock.after(batchEveryMs, () => this.#flush(appId, outgoing));
    const bytes = Buffer.byteLength(JSON.stringify(news));
    const hasRoom = outgoing.bytes + bytes <= batchBytesMax && this.#waitingBytes + bytes <= waitingBytesMax;
    if (outgoing.dropped > 0 || !hasRoom) {
      outgoing.dropped += 1;
      return;
    }
    outgoing.news.push(news);
    outgoing.bytes += bytes;
    this.#waitingBytes += bytes;
  }

  /** An entry is not sent, so the numbers of the next ones begin a new epoch. */
  #skip(appId: string): void {
    if (this.#outgoing.size > 0) this.#outgoing.delete(appId);
  }

  #begin(appId: string): Outgoing {
    const epoch = randomBytes(4).toString("hex");
    const outgoing = { epoch, first: 0, news: [], bytes: 0, dropped: 0 };
    this.#outgoing.set(appId, outgoing);
    return outgoing;
  }

  #flush(appId: string, outgoing: Outgoing): void {
    const { epoch, first, news, dropped } = outgoing;
    const batch: Batch = { v: version, nodeId: this.#peers.me().id, epoch, first, news, dropped };
    this.#peers.bus.send(topicOf(appId), JSON.stringify(batch));
    this.#waitingBytes -= outgoing.bytes;
    outgoing.first += news.length + dropped;
    outgoing.news = [];
    outgoing.bytes = 0;
    outgoing.dropped = 0;
    if (!this.#peers.bus.hasListeners(topicOf(appId))) this.#outgoing.delete(appId);
  }
}

function topicOf(appId: string): string {
  return `live ${appId}`;
}

/** Null for a batch of another version or in an invalid format. */
function readBatch(text: string): Batch | null {
  try {
    const batch = JSON.parse(text) as Batch;
    return batch.v === version ? batch : null;
  } catch {
    return null; // The bus counts it.
  }
}
