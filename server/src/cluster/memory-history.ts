/**
 * Histories in the memory of this process, limited in bytes. To free memory, an app's channel with the oldest latest
 * event loses its history.
 */
import { randomBytes } from "node:crypto";
import { Fifo } from "../core/collections/fifo.ts";
import { ByteBudget, type ByteLimits } from "../core/limits/byte-budget.ts";
import { bytesInMemory } from "../core/limits/bytes-in-memory.ts";
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

/** Limits in bytes: for one channel, one app, and all apps together. */
export interface HistoryLimits extends ByteLimits {
  readonly perChannel: number;
}

interface Stream {
  readonly appId: string;
  readonly epoch: string;
  readonly events: Fifo<KeptEvent>;
  offset: number;
  bytes: number;
  publishedAtMs: number;
  ageMsMax: number;
}

/** The estimated bytes of an event without its texts, and of a channel without its events. */
const eventBytes = 150;
const streamBytes = 400;
/** How long at least an idle channel's position is stored, so that a client that missed nothing can recover. */
const positionKeptMs = 3_600_000;
const sweptEveryMs = 60_000;

export class MemoryHistory {
  readonly #clock: Clock;
  readonly #bytesPerChannel: number;
  readonly budget: ByteBudget;
  /** By app and channel; the channel with the oldest latest event first. */
  readonly #apps = new Map<string, Map<string, Stream>>();
  readonly #process = randomBytes(6).toString("base64url");
  /** Counts removed histories. It is part of the epoch, so that a history that begins again has another epoch. */
  #forgotten = 0;
  #sweptAtMs = 0;
  /** Events that were dropped to free memory, before the limits of their rule applied. */
  droppedForRoom = 0;

  constructor(clock: Clock, limits: HistoryLimits) {
    this.#clock = clock;
    this.#bytesPerChannel = limits.perChannel;
    this.budget = new ByteBudget(limits);
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
    { direction, from, limit, sinceMs = 0, untilMs = Number.POSITIVE_INFINITY }: HistoryQuery,
  ): HistoryPage {
    const stream = this.#find(appId, channel);
    if (stream === undefined) return { position: null, events: [], next: null, nowMs: this.#clock.now() };
    const kept = this.#kept(stream, bounds).filter(({ atMs }) => atMs >= sinceMs && atMs <= untilMs);
    const wanted =
      direction === "forwards"
        ? kept.filter(({ offset }) => offset >= (from ?? 0))
        : kept.filter(({ offset }) => offset <= (from ?? stream.offset)).reverse();
    return {
      position: positionOf(stream),
      events: wanted.slice(0, limit),
      next: wanted[limit]?.offset ?? null,
      nowMs: this.#clock.now(),
    };
  }

  /** The history at the point of a join. The caller decides `isFirstMiss`. */
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

  /** The channel's stream, moved to the end of the order; null if there is no memory for a new one. */
  #streamToAppend(appId: string, channel: string): Stream | null {
    const known = this.#find(appId, channel);
    if (known === undefined && !this.#makeRoomInApp(appId, streamBytes, null)) return null;
    const stream = known ?? {
      appId,
      epoch: this.#nextEpoch(appId, channel),
      events: new Fifo<KeptEvent>(),
      offset: 0,
      bytes: 0,
      publishedAtMs: 0,
      ageMsMax: 0,
    };
    const streams = this.#apps.get(appId) ?? new Map<string, Stream>();
    streams.delete(channel);
    this.#apps.set(appId, streams.set(channel, stream));
    return stream;
  }

  /** The position of an event that is not stored: no client can recover from it. */
  #forgottenAtOnce(appId: string, channel: string): Position {
    const position = { epoch: this.#nextEpoch(appId, channel), offset: 1 };
    this.#forgotten += 1;
    this.droppedForRoom += 1;
    return position;
  }

  /** Each channel has a different epoch, so that a position of one channel is not valid in another. */
  #nextEpoch(appId: string, channel: string): string {
    return `${this.#process}.${Bun.hash(`${appId} ${channel}`).toString(36)}.${this.#forgotten}`;
  }

  #kept(stream: Stream, { eventsMax, ageMsMax }: HistoryBounds): KeptEvent[] {
    stream.ageMsMax = ageMsMax;
    this.#trim(stream, Number.POSITIVE_INFINITY, this.#clock.now());
    return stream.events.newest(eventsMax);
  }

  #trim(stream: Stream, eventsMax: number, nowMs: number): void {
    while (stream.events.length > eventsMax) this.#dropOldest(stream);
    for (;;) {
      const { oldest } = stream.events;
      if (oldest === undefined || nowMs - oldest.atMs < stream.ageMsMax) return;
      this.#dropOldest(stream);
    }
  }

  /**
   * Frees memory for an event. Returns false if it cannot be stored; then all older ones are dropped, to leave no
   * gap.
   */
  #makeRoom(stream: Stream, bytes: number): boolean {
    while (stream.bytes + bytes > this.#bytesPerChannel && stream.events.length > 0)
      this.#dropForRoom(stream);
    if (bytes <= this.#bytesPerChannel && this.#makeRoomInApp(stream.appId, bytes, stream)) return true;
    while (stream.events.length > 0) this.#dropForRoom(stream);
    return false;
  }

  /**
   * Frees memory of the same app: first of the channel with the oldest latest event, last of the one being published
   * to.
   */
  #makeRoomInApp(appId: string, bytes: number, newest: Stream | null): boolean {
    while (!this.budget.take(appId, bytes)) {
      const [oldest] = this.#apps.get(appId) ?? [];
      if (oldest !== undefined && oldest[1] !== newest) this.#forget(oldest[0], oldest[1]);
      else if (newest !== null && newest.events.length > 0) this.#dropForRoom(newest);
      else return false;
    }
    return true;
  }

  /** Removes events that are too old, so that they take no memory from other apps. */
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
    this.droppedForRoom += stream.events.length;
    this.budget.give(stream.appId, stream.bytes + streamBytes);
    this.#forgotten += 1;
  }

  #dropForRoom(stream: Stream): void {
    this.droppedForRoom += 1;
    this.#dropOldest(stream);
  }

  #dropOldest(stream: Stream): void {
    const oldest = stream.events.shift();
    if (oldest === undefined) return;
    stream.bytes -= bytesOf(oldest);
    this.budget.give(stream.appId, bytesOf(oldest));
  }
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

function bytesOf({ frame, userId }: KeptEvent): number {
  return eventBytes + bytesInMemory(frame) + (userId === null ? 0 : bytesInMemory(userId));
}
