/**
 * Serves the sessions of this node to clients whose requests reached other nodes. Another node requests the parts of an
 * answer one after another. A part is taken from the session when it is requested, and kept until the next part is
 * requested, so that a lost part can be sent again.
 */
import type { Clock } from "../core/ports/clock.ts";
import type { AnswerPart, Question } from "../core/ports/cluster-message.ts";
import { clientMayReturn } from "./http-answer.ts";
import type { HttpSession } from "./http-session.ts";
import type { SessionPeers } from "./session-forward.ts";

type PartQuestion = Question<"session-frames">;

export interface HostedSession {
  readonly session: Pick<HttpSession, "answer" | "isClosed">;
  /** @param messages null: one was longer than a message may be */
  readonly receive: (messages: readonly string[] | null) => void;
}

/** The session, if this node has it and the request comes from the page that opened it; null otherwise. */
export type FindSession = (session: string, origin: string | null) => HostedSession | null;

interface Reader {
  read(): Promise<{ readonly value?: Uint8Array | undefined }>;
  cancel(reason?: unknown): Promise<void>;
}

interface Held {
  readonly answerId: string;
  readonly nodeId: string;
  readonly isStreaming: boolean;
  readonly reader: Reader;
  /** The number of the latest part. */
  part: number;
  latest: Promise<AnswerPart>;
  /** A read that has not resolved yet. */
  reading: Promise<Uint8Array | null> | null;
  /** Read, and not yet sent. */
  rest: Uint8Array;
  /** Nothing follows the rest. */
  isEnding: boolean;
  askedAtMs: number;
}

const partBytesMax = 65_536;
/** How long a part waits for bytes. */
const holdMs = 5_000;
/** An answer whose parts are not requested ends after this time, and sooner if the forwarding node is dead. */
const unaskedMsMax = 60_000;
const unaskedByDeadMsMax = 3_000;

const unknownSession: AnswerPart = { isKnown: false, bytes: "", isLast: true };
const noMore: AnswerPart = { isKnown: true, bytes: "", isLast: true };

export class SessionHost {
  readonly #clock: Clock;
  readonly #isAlive: (nodeId: string) => boolean;
  readonly #find: FindSession;
  /** The latest answer of each session. */
  readonly #held = new Map<string, Held>();

  constructor({ bus, isAlive }: SessionPeers, clock: Clock, find: FindSession) {
    this.#clock = clock;
    this.#isAlive = isAlive;
    this.#find = find;
    bus.onQuestion("session-frames", (question) => this.#part(question));
    bus.onQuestion("session-leave", async ({ session, answerId, isClientGone }) => {
      this.#leave(session, answerId, isClientGone);
      return {};
    });
    bus.onQuestion("session-send", async ({ session, origin, messages }) => {
      const hosted = find(session, origin);
      if (hosted === null || hosted.session.isClosed) return { isKnown: false };
      hosted.receive(messages);
      return { isKnown: true };
    });
  }

  async #part(question: PartQuestion): Promise<AnswerPart> {
    const held = this.#heldFor(question);
    if (held === null) return question.part === 0 ? unknownSession : noMore;
    held.askedAtMs = this.#clock.now();
    if (question.part === held.part + 1) {
      held.part = question.part;
      held.latest = this.#next(held);
    }
    return question.part === held.part ? held.latest : noMore;
  }

  #leave(session: string, answerId: string, isClientGone: boolean): void {
    const held = this.#held.get(session);
    if (held?.answerId !== answerId) return;
    held.isEnding = true;
    // A read that waits resolves without bytes. Bytes that were read before are still sent.
    void held.reader.cancel(isClientGone ? undefined : clientMayReturn);
  }

  /** Call it once per second. */
  tick(): void {
    const nowMs = this.#clock.now();
    for (const [session, held] of this.#held) {
      const unaskedMs = nowMs - held.askedAtMs;
      const isDue = held.isEnding || !this.#isAlive(held.nodeId);
      if (unaskedMs < (isDue ? unaskedByDeadMsMax : unaskedMsMax)) continue;
      this.#held.delete(session);
      void held.reader.cancel();
    }
  }

  #heldFor(question: PartQuestion): Held | null {
    const { session, origin, answerId, part, nodeId, isStreaming } = question;
    const known = this.#held.get(session);
    if (known?.answerId === answerId) return known;
    const hosted = part === 0 ? this.#find(session, origin) : null;
    if (hosted === null) return null;
    const held: Held = {
      answerId,
      nodeId,
      isStreaming,
      reader: hosted.session.answer(isStreaming, 0).getReader(),
      part: -1,
      latest: Promise.resolve(noMore),
      reading: null,
      rest: new Uint8Array(),
      isEnding: false,
      askedAtMs: 0,
    };
    this.#held.set(session, held);
    return held;
  }

  async #next(held: Held): Promise<AnswerPart> {
    if (held.rest.length === 0 && !held.isEnding) {
      held.reading ??= held.reader.read().then(({ value }) => value ?? null);
      const read = await this.#withinHold(held.reading);
      if (read === "nothing") return { isKnown: true, bytes: "", isLast: held.isEnding };
      held.reading = null;
      if (read === null || !held.isStreaming) held.isEnding = true;
      held.rest = read ?? new Uint8Array();
    }
    const bytes = Buffer.from(held.rest.subarray(0, partBytesMax)).toString("base64");
    held.rest = held.rest.subarray(partBytesMax);
    return { isKnown: true, bytes, isLast: held.isEnding && held.rest.length === 0 };
  }

  async #withinHold(reading: Promise<Uint8Array | null>): Promise<Uint8Array | null | "nothing"> {
    const { promise, resolve } = Promise.withResolvers<"nothing">();
    const cancel = this.#clock.after(holdMs, () => resolve("nothing"));
    const read = await Promise.race([reading, promise]);
    cancel();
    return read;
  }
}
