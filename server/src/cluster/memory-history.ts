/** Histories in the memory of this process. Bounded in bytes: an app's channel that was published to longest ago makes room. */
import { randomBytes } from "node:crypto";
import { ByteBudget, type ByteLimits } from "../core/byte-budget.ts";
import type { Clock } from "../core/ports/clock.ts";
import type {
  CatchUp,
  HistoryBounds,
  HistoryPage,
  HistoryQuery,
  JoinedHistory,
  KeptEvent,
  Position,
} from "../core/ports/history.ts";
import type { LineEvent } from "../core/ports/line.ts";

/** Bytes of what is kept: of one channel, of one app, and of all together. */
export interface HistoryLimits extends ByteLimits {
  readonly perChannel: number;
}

interface Stream {
  readonly appId: string;
  readonly epoch: string;
  /** The oldest first; those before `head` are dropped. */
  events: KeptEvent[];
  head: number;
  offset: number;
  bytes: number;
  publishedAtMs: number;
  ageMsMax: number;
}

/** What an event takes beside its frame, and a channel beside its events, about. */
const eventBytes = 150;
const streamBytes = 400;
/** An idle channel's position is kept at least this long, so that whoever missed nothing can recover. */
const positionKeptMs = 3_600_000;
const sweptEveryMs = 60_000;

export class MemoryHistory {
  readonly #clock: Clock;
  readonly #bytesPerChannel: number;
  readonly #budget: ByteBudget;
  /** By app and channel, the one published to longest ago first. */
  readonly #apps = new Map<string, Map<string, Stream>>();
  readonly #process = randomBytes(6).toString("base64url");
  /** Counts the streams that were forgotten: one that begins again must not look like the one before. */
  #forgotten = 0;
  #sweptAtMs = 0;
  /** Events that were dropped to make room, before their rule would have dropped them. */
  droppedForRoom = 0;

  constructor(clock: Clock, limits: HistoryLimits) {
    this.#clock = clock;
    this.#bytesPerChannel = limits.perChannel;
    this.#budget = new ByteBudget(limits);
  }

  append(appId: string, channel: string, event: LineEvent, bounds: HistoryBounds): Position {
    const nowMs = this.#clock.now();
    this.#sweep(nowMs);
    const stream = this.#streamToAppend(appId, channel);
    if (stream === null) return this.#forgottenAtOnce(appId, channel);
    stream.offset += 1;
    stream.publishedAtMs = nowMs;
    stream.ageMsMax = bounds.ageMsMax;
    const { frame, exceptSocketId, userId } = event;
    const kept = { offset: stream.offset, atMs: nowMs, frame, exceptSocketId, userId };
    this.#trim(stream, bounds.eventsMax - 1, nowMs);
    if (this.#makeRoom(stream, bytesOf(kept))) {
      stream.events.push(kept);
      stream.bytes += bytesOf(kept);
    } else {
      this.droppedForRoom += 1;
    }
    return positionOf(stream);
  }

  read(
    appId: string,
    channel: string,
    bounds: HistoryBounds,
    { direction, from, limit }: HistoryQuery,
  ): HistoryPage {
    const stream = this.#find(appId, channel);
    if (stream === undefined) return { position: null, events: [], next: null };
    const kept = this.#kept(stream, bounds);
    const wanted =
      direction === "forwards"
        ? kept.filter(({ offset }) => offset >= (from ?? 0))
        : kept.filter(({ offset }) => offset <= (from ?? stream.offset)).reverse();
    return {
      position: positionOf(stream),
      events: wanted.slice(0, limit),
      next: wanted[limit]?.offset ?? null,
    };
  }

  /** Where a joiner stands now. The miss is the caller's to judge. */
  join(appId: string, channel: string, bounds: HistoryBounds, catchUp: CatchUp | null): JoinedHistory {
    const stream = this.#find(appId, channel);
    const position =
      stream === undefined ? { epoch: this.#nextEpoch(appId, channel), offset: 0 } : positionOf(stream);
    const kept = stream === undefined ? [] : this.#kept(stream, bounds);
    if (catchUp?.type === "recover") return recover(catchUp, position, kept);
    const events = catchUp === null ? [] : rewind(catchUp, kept, this.#clock.now());
    return { outcome: "whole", position, events, isFirstMiss: false };
  }

  #find(appId: string, channel: string): Stream | undefined {
    return this.#apps.get(appId)?.get(channel);
  }

  /** The channel's stream, last again in the order of publishing; null where there is no room for one more. */
  #streamToAppend(appId: string, channel: string): Stream | null {
    const known = this.#find(appId, channel);
    if (known === undefined && !this.#makeRoomInApp(appId, streamBytes, null)) return null;
    const stream = known ?? {
      ...{ appId, epoch: this.#nextEpoch(appId, channel), events: [], head: 0, offset: 0, bytes: 0 },
      ...{ publishedAtMs: 0, ageMsMax: 0 },
    };
    const streams = this.#apps.get(appId) ?? new Map<string, Stream>();
    streams.delete(channel);
    this.#apps.set(appId, streams.set(channel, stream));
    return stream;
  }

  /** A position that nobody can recover from. */
  #forgottenAtOnce(appId: string, channel: string): Position {
    const position = { epoch: this.#nextEpoch(appId, channel), offset: 1 };
    this.#forgotten += 1;
    this.droppedForRoom += 1;
    return position;
  }

  /** Of each channel another one, so that a position of one channel is none of another. */
  #nextEpoch(appId: string, channel: string): string {
    return `${this.#process}.${Bun.hash(`${appId} ${channel}`).toString(36)}.${this.#forgotten}`;
  }

  #kept(stream: Stream, { eventsMax, ageMsMax }: HistoryBounds): KeptEvent[] {
    stream.ageMsMax = ageMsMax;
    this.#trim(stream, Number.POSITIVE_INFINITY, this.#clock.now());
    return stream.events.slice(Math.max(stream.head, stream.events.length - eventsMax));
  }

  #trim(stream: Stream, eventsMax: number, nowMs: number): void {
    while (countOf(stream) > eventsMax) this.#dropOldest(stream);
    for (;;) {
      const oldest = stream.events[stream.head];
      if (oldest === undefined || nowMs - oldest.atMs < stream.ageMsMax) return;
      this.#dropOldest(stream);
    }
  }

  /** False where the event cannot be kept; then no older one is kept either, since there must be no hole. */
  #makeRoom(stream: Stream, bytes: number): boolean {
    while (stream.bytes + bytes > this.#bytesPerChannel && countOf(stream) > 0) this.#dropForRoom(stream);
    if (bytes <= this.#bytesPerChannel && this.#makeRoomInApp(stream.appId, bytes, stream)) return true;
    while (countOf(stream) > 0) this.#dropForRoom(stream);
    return false;
  }

  /** An app makes room for its own: first the channel published to longest ago, last the one that is published to. */
  #makeRoomInApp(appId: string, bytes: number, newest: Stream | null): boolean {
    while (!this.#budget.take(appId, bytes)) {
      const [oldest] = this.#apps.get(appId) ?? [];
      if (oldest !== undefined && oldest[1] !== newest) this.#forget(oldest[0], oldest[1]);
      else if (newest !== null && countOf(newest) > 0) this.#dropForRoom(newest);
      else return false;
    }
    return true;
  }

  /** Takes out what is too old, so that it takes no room from another app. */
  #sweep(nowMs: number): void {
    if (nowMs - this.#sweptAtMs < sweptEveryMs) return;
    this.#sweptAtMs = nowMs;
    for (const streams of this.#apps.values()) {
      for (const [channel, stream] of streams) {
        this.#trim(stream, Number.POSITIVE_INFINITY, nowMs);
        const keptMs = Math.max(stream.ageMsMax, positionKeptMs);
        if (nowMs - stream.publishedAtMs >= keptMs) this.#forget(channel, stream);
      }
    }
  }

  #forget(channel: string, stream: Stream): void {
    const streams = this.#apps.get(stream.appId);
    streams?.delete(channel);
    if (streams?.size === 0) this.#apps.delete(stream.appId);
    this.droppedForRoom += countOf(stream);
    this.#budget.give(stream.appId, stream.bytes + streamBytes);
    this.#forgotten += 1;
  }

  #dropForRoom(stream: Stream): void {
    this.droppedForRoom += 1;
    this.#dropOldest(stream);
  }

  #dropOldest(stream: Stream): void {
    const oldest = stream.events[stream.head];
    if (oldest === undefined) return;
    stream.bytes -= bytesOf(oldest);
    this.#budget.give(stream.appId, bytesOf(oldest));
    stream.head += 1;
    // Moved only now and then, so that dropping one costs little.
    if (stream.head * 2 < stream.events.length) return;
    stream.events = stream.events.slice(stream.head);
    stream.head = 0;
  }
}

function countOf({ events, head }: Stream): number {
  return events.length - head;
}

function recover(
  { after, eventsMax }: Extract<CatchUp, { type: "recover" }>,
  position: Position,
  kept: readonly KeptEvent[],
): JoinedHistory {
  const missed = position.offset - after.offset;
  if (after.epoch !== position.epoch || missed < 0) {
    return { outcome: "refused", reason: "unknown_epoch", position };
  }
  if (missed > kept.length) return { outcome: "refused", reason: "expired", position };
  if (missed > eventsMax) return { outcome: "refused", reason: "too_many", position };
  return {
    outcome: "whole",
    position,
    events: missed === 0 ? [] : kept.slice(-missed),
    isFirstMiss: false,
  };
}

function rewind(
  { eventsMax, ageMsMax }: Extract<CatchUp, { type: "rewind" }>,
  kept: readonly KeptEvent[],
  nowMs: number,
): readonly KeptEvent[] {
  return kept.slice(-eventsMax).filter(({ atMs }) => nowMs - atMs < ageMsMax);
}

function positionOf({ epoch, offset }: Stream): Position {
  return { epoch, offset };
}

function bytesOf({ frame }: KeptEvent): number {
  return Buffer.byteLength(frame) + eventBytes;
}
