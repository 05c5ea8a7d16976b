/** Histories in the memory of this process. Bounded in channels and bytes: the channel published to longest ago makes room. */
import { randomBytes } from "node:crypto";
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

export interface HistoryLimits {
  readonly channelsMax: number;
  readonly channelBytesMax: number;
  readonly bytesMax: number;
}

interface Stream {
  readonly epoch: string;
  /** The oldest first; those before `head` are dropped. */
  events: KeptEvent[];
  head: number;
  offset: number;
  bytes: number;
  publishedAtMs: number;
  keptMs: number;
}

/** What an event takes beside its frame, about. */
const eventBytes = 150;
/** An idle channel's position is kept at least this long, so that whoever missed nothing can recover. */
const positionKeptMs = 3_600_000;

export class MemoryHistory {
  readonly #clock: Clock;
  readonly #limits: HistoryLimits;
  /** The one published to longest ago first. */
  readonly #streams = new Map<string, Stream>();
  readonly #process = randomBytes(6).toString("base64url");
  /** Counts the streams that were forgotten: one that begins again must not look like the one before. */
  #forgotten = 0;
  #bytes = 0;
  /** Events that were dropped to make room, before their rule would have dropped them. */
  droppedForRoom = 0;

  constructor(clock: Clock, limits: HistoryLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  append(key: string, event: LineEvent, bounds: HistoryBounds): Position {
    const nowMs = this.#clock.now();
    const stream = this.#streams.get(key) ?? this.#newStream();
    // Last again in the order of publishing.
    this.#streams.delete(key);
    this.#streams.set(key, stream);
    stream.offset += 1;
    stream.publishedAtMs = nowMs;
    stream.keptMs = Math.max(bounds.ageMsMax, positionKeptMs);
    const { frame, exceptSocketId, userId } = event;
    const kept = { offset: stream.offset, atMs: nowMs, frame, exceptSocketId, userId };
    stream.events.push(kept);
    this.#count(stream, bytesOf(kept));
    this.#trim(stream, bounds, nowMs);
    this.#makeRoom(stream, nowMs);
    return { epoch: stream.epoch, offset: stream.offset };
  }

  read(key: string, bounds: HistoryBounds, { direction, from, limit }: HistoryQuery): HistoryPage {
    const stream = this.#streams.get(key);
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
  join(key: string, bounds: HistoryBounds, catchUp: CatchUp | null): JoinedHistory {
    const stream = this.#streams.get(key);
    const position = stream === undefined ? { epoch: this.#nextEpoch(), offset: 0 } : positionOf(stream);
    const kept = stream === undefined ? [] : this.#kept(stream, bounds);
    if (catchUp?.type === "recover") return recover(catchUp, position, kept);
    const events = catchUp === null ? [] : rewind(catchUp, kept, this.#clock.now());
    return { outcome: "whole", position, events, isFirstMiss: false };
  }

  #newStream(): Stream {
    return {
      epoch: this.#nextEpoch(),
      events: [],
      head: 0,
      offset: 0,
      bytes: 0,
      publishedAtMs: 0,
      keptMs: 0,
    };
  }

  #nextEpoch(): string {
    return `${this.#process}.${this.#forgotten}`;
  }

  #kept(stream: Stream, bounds: HistoryBounds): KeptEvent[] {
    this.#trim(stream, { ...bounds, eventsMax: Number.POSITIVE_INFINITY }, this.#clock.now());
    return stream.events.slice(Math.max(stream.head, stream.events.length - bounds.eventsMax));
  }

  #trim(stream: Stream, { eventsMax, ageMsMax }: HistoryBounds, nowMs: number): void {
    while (stream.events.length - stream.head > eventsMax) this.#dropOldest(stream);
    for (;;) {
      const oldest = stream.events[stream.head];
      if (oldest === undefined || nowMs - oldest.atMs < ageMsMax) break;
      this.#dropOldest(stream);
    }
    while (stream.bytes > this.#limits.channelBytesMax) this.#dropForRoom(stream);
  }

  #makeRoom(newest: Stream, nowMs: number): void {
    for (const [key, stream] of this.#streams) {
      const isOver = this.#bytes > this.#limits.bytesMax || this.#streams.size > this.#limits.channelsMax;
      const isIdle = nowMs - stream.publishedAtMs >= stream.keptMs;
      if (stream === newest || !(isOver || isIdle)) break;
      if (!isIdle) this.droppedForRoom += stream.events.length - stream.head;
      this.#count(stream, -stream.bytes);
      this.#streams.delete(key);
      this.#forgotten += 1;
    }
    while (this.#bytes > this.#limits.bytesMax) this.#dropForRoom(newest);
  }

  #dropForRoom(stream: Stream): void {
    this.droppedForRoom += 1;
    this.#dropOldest(stream);
  }

  #dropOldest(stream: Stream): void {
    const oldest = stream.events[stream.head];
    if (oldest === undefined) return;
    this.#count(stream, -bytesOf(oldest));
    stream.head += 1;
    // Moved only now and then, so that dropping one costs little.
    if (stream.head * 2 < stream.events.length) return;
    stream.events = stream.events.slice(stream.head);
    stream.head = 0;
  }

  #count(stream: Stream, bytes: number): void {
    stream.bytes += bytes;
    this.#bytes += bytes;
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

function bytesOf({ frame }: KeptEvent): number {
  return Buffer.byteLength(frame) + eventBytes;
}
