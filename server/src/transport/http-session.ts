/**
 * The session of a client without WebSocket. Its frames wait here until a response carries them. Frames are encoded as
 * in SockJS: `o` opens, `a[…]` has frames, `h` is a heartbeat, `c[code,"reason"]` closes.
 */

import { type Connection, closeSocket, type Socket } from "../core/connection.ts";
import type { ByteBudget } from "../core/limits/byte-budget.ts";
import type { Clock } from "../core/ports/clock.ts";
import { closeCodes } from "../protocol/errors.ts";
import { type AnswerSource, HttpAnswer } from "./http-answer.ts";
import type { SessionTopics, TopicReader } from "./session-topics.ts";
import { slowReader } from "./web-socket-door.ts";

export interface SessionOptions {
  readonly clock: Clock;
  readonly topics: SessionTopics;
  /** Counts the unsent bytes of all sessions. */
  readonly unsent: ByteBudget;
  readonly backpressureBytesMax: number;
  readonly heartbeatMs: number;
}

/** `onClosed` is called once, and `onForgotten` when no request needs the session any more. */
export interface SessionEvents {
  onClosed(code: number, reason: string): void;
  onForgotten(): void;
}

/** The close code of a connection that was cut without a close frame. */
const cutOff = 1006;

/** pusher-js opens a new answer when it has read more than this. */
const renewedAfterCharacters = 262_144;
/** A session without an open answer ends after this time. */
const awayMsMax = 10_000;
/** The same if the client closed the answer. Not 0, because messages that the client sent before may still arrive. */
const leftMsMax = 2_000;
const pollMsMax = 25_000;
/** The unsent bytes that every session may have, regardless of other sessions. */
const freeBytes = 4_096;
const anotherAnswer = closeLine(2010, "Another connection still open");

export class HttpSession implements Socket, TopicReader, AnswerSource {
  /** The transport of the latest answer. */
  transport: "xhr_streaming" | "xhr_polling";
  connection: Connection | null = null;
  readonly #appId: string;
  readonly #options: SessionOptions;
  readonly #events: SessionEvents;
  readonly #topicNames = new Set<string>();
  /** Frames as JSON texts. */
  #queue: string[] = [];
  #queuedBytes = 0;
  /** Bytes that were written to the answer and not taken by the runtime. */
  #writtenBytes = 0;
  /** Bytes that were taken from the budget. */
  #budgetBytes = 0;
  #answer: HttpAnswer | null = null;
  /** The time since which no answer is open, or the session is closed. */
  #awaySinceMs: number;
  #awayMsMax = awayMsMax;
  #isOpened = false;
  #isBeatDue = false;
  #beatAtMs = 0;
  #isAwaitingBeat = false;
  /** The line that ends the session; null while it is open. */
  #closing: string | null = null;
  #isForgotten = false;

  constructor(appId: string, isStreaming: boolean, options: SessionOptions, events: SessionEvents) {
    this.#appId = appId;
    this.transport = transportOf(isStreaming);
    this.#options = options;
    this.#events = events;
    this.#awaySinceMs = options.clock.now();
  }

  /**
   * Opens the answer that carries frames from now on. Ends an older one: the client left it, or there are two clients.
   * @param textsAhead see `HttpAnswer`
   */
  answer(isStreaming: boolean, textsAhead?: number): ReadableStream<Uint8Array> {
    this.#answer?.end(anotherAnswer);
    this.#writtenBytes = 0;
    this.#answer = new HttpAnswer(isStreaming, this.#options.clock.now(), this, textsAhead);
    this.transport = transportOf(isStreaming);
    this.#isAwaitingBeat = false;
    return this.#answer.readable;
  }

  /** Called for each request with messages. An empty one acknowledges a heartbeat, or asks for one. */
  recordSent(isEmpty: boolean): void {
    if (isEmpty && !this.#isAwaitingBeat) this.#beat();
    else this.#isAwaitingBeat = false;
  }

  get isClosed(): boolean {
    return this.#closing !== null;
  }

  send(frame: string): void {
    const json = JSON.stringify(frame);
    this.sendJson(json, Buffer.byteLength(json));
  }

  /** @param json the frame as a JSON text, `bytes` long */
  sendJson(json: string, bytes: number): void {
    if (this.isClosed) return;
    const unsent = this.getBufferedAmount() + bytes;
    if (unsent > this.#options.backpressureBytesMax || !this.#hold(unsent)) {
      this.#cut(slowReader);
      return;
    }
    this.#queue.push(json);
    this.#queuedBytes += bytes;
    this.#answer?.wake();
  }

  subscribe(topic: string): void {
    if (this.isClosed) return;
    this.#topicNames.add(topic);
    this.#options.topics.add(topic, this);
  }

  unsubscribe(topic: string): void {
    this.#topicNames.delete(topic);
    this.#options.topics.remove(topic, this);
  }

  /** Closes the session. The client still receives its frames and the reason, now or with its next request. */
  close(code: number, reason: string): void {
    if (this.isClosed) return;
    this.#end(closeLine(code, reason), code, reason);
    this.#answer?.wake();
  }

  getBufferedAmount(): number {
    return this.#queuedBytes + this.#writtenBytes;
  }

  /** Call it once per second. */
  tick(): void {
    const nowMs = this.#options.clock.now();
    const answer = this.#answer;
    if (answer === null || this.isClosed) {
      if (nowMs - this.#awaySinceMs >= this.#awayMsMax) this.#cut("");
    } else if (!answer.isStreaming) {
      if (nowMs - answer.openedAtMs >= pollMsMax) this.#beat();
    } else if (nowMs - Math.max(this.#beatAtMs, answer.openedAtMs) >= this.#options.heartbeatMs) {
      if (this.#isAwaitingBeat)
        closeSocket(this, closeCodes.pongNotReceived, "Heartbeat not answered in time");
      else this.#beat();
    }
  }

  /** Null if none was sent yet. */
  get lastBeat(): { readonly atMs: number; readonly isAnswered: boolean } | null {
    return this.#beatAtMs === 0 ? null : { atMs: this.#beatAtMs, isAnswered: !this.#isAwaitingBeat };
  }

  take(answer: HttpAnswer): string {
    if (this.#isForgotten) return "";
    // A client that has read this much opens a new answer, and would lose the unread rest of the old one.
    if (answer !== this.#answer || answer.charactersWritten > renewedAfterCharacters) return "";
    const lines: string[] = [];
    if (!this.#isOpened) lines.push("o");
    if (this.#queue.length > 0) lines.push(`a[${this.#queue.join(",")}]`);
    if (this.#isBeatDue) lines.push("h");
    if (this.#closing !== null) lines.push(this.#closing);
    if (lines.length === 0) return "";
    this.#isOpened = true;
    this.#isBeatDue = false;
    this.#queue = [];
    this.#writtenBytes = this.#queuedBytes;
    this.#queuedBytes = 0;
    if (this.isClosed) {
      answer.end();
      this.#forget();
    }
    return `${lines.join("\n")}\n`;
  }

  onRead(answer: HttpAnswer): void {
    if (answer === this.#answer) this.#written();
  }

  onGone(answer: HttpAnswer, isLeft: boolean): void {
    if (answer !== this.#answer) return;
    this.#answer = null;
    if (!this.isClosed) this.#away(isLeft && answer.charactersWritten <= renewedAfterCharacters);
    this.#written();
  }

  #written(): void {
    this.#writtenBytes = 0;
    this.#hold(this.#queuedBytes);
    this.connection?.runWaiting();
  }

  #beat(): void {
    this.#isBeatDue = true;
    // Only a streaming client acknowledges a heartbeat.
    this.#isAwaitingBeat = this.transport === "xhr_streaming";
    this.#beatAtMs = this.#options.clock.now();
    this.#answer?.wake();
  }

  /** Counts the unsent bytes in the budget. Returns false if it has no room for them. */
  #hold(unsentBytes: number): boolean {
    const more = Math.max(0, unsentBytes - freeBytes) - this.#budgetBytes;
    if (more > 0 && !this.#options.unsent.take(this.#appId, more)) return false;
    if (more < 0) this.#options.unsent.give(this.#appId, -more);
    this.#budgetBytes += more;
    return true;
  }

  /** Ends the session without notifying the client, like a broken connection. */
  #cut(reason: string): void {
    this.#queue = [];
    this.#queuedBytes = 0;
    if (!this.isClosed) this.#end("", cutOff, reason);
    this.#answer?.end();
    this.#forget();
  }

  #away(isLeft: boolean): void {
    this.#awaySinceMs = this.#options.clock.now();
    this.#awayMsMax = isLeft ? leftMsMax : awayMsMax;
  }

  #end(line: string, code: number, reason: string): void {
    this.#closing = line;
    this.#away(false);
    for (const topic of this.#topicNames) this.unsubscribe(topic);
    this.#events.onClosed(code, reason);
  }

  #forget(): void {
    if (this.#isForgotten) return;
    this.#isForgotten = true;
    this.#written();
    this.#events.onForgotten();
  }
}

function transportOf(isStreaming: boolean): HttpSession["transport"] {
  return isStreaming ? "xhr_streaming" : "xhr_polling";
}

/** @param reason as the client reads it */
export function closeLine(code: number, reason: string): string {
  return `c${JSON.stringify([code, reason])}`;
}
