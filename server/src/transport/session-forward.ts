/** Forwards the requests of clients to the node that holds their session, over the bus. */
import { randomUUID } from "node:crypto";
import type { ByteBudget } from "../core/limits/byte-budget.ts";
import { pause } from "../core/pause.ts";
import { EngineUnreachable } from "../core/ports/broker.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { ClusterBus } from "../core/ports/cluster-bus.ts";
import type { AnswerPart } from "../core/ports/cluster-message.ts";
import type { SessionDirectory } from "../core/ports/session-directory.ts";
import { closeCodes, HttpError } from "../protocol/errors.ts";
import { HttpSends, type SendOptions } from "./http-sends.ts";
import { closeLine } from "./http-session.ts";

/** What HTTP sessions need from a cluster. */
export interface SessionPeers {
  /** The id of this node. */
  readonly nodeId: string;
  readonly isAlive: (nodeId: string) => boolean;
  readonly bus: Pick<ClusterBus, "askNode" | "onQuestion">;
  readonly directory: SessionDirectory;
}

export interface ForwardOptions extends SendOptions {
  readonly clock: Clock;
  /** Counts the bytes of parts that clients have not read. */
  readonly unsent: ByteBudget;
}

/** A request for a session that another node holds. */
export interface ForwardedRequest {
  readonly holder: string;
  readonly session: string;
  readonly origin: string | null;
  readonly appId: string;
}

interface Forwarding {
  readonly request: ForwardedRequest;
  readonly answerId: string;
  readonly isStreaming: boolean;
  part: number;
  /** Bytes that were taken from the budget. */
  bytes: number;
  isLeft: boolean;
}

interface Sending {
  readonly sends: HttpSends;
  requests: number;
}

/** A holder answers a question for a part within five seconds. */
const partMs = 8_000;
const sendMs = 10_000;
const partAttemptsMax = 3;
const retryMs = 1_000;

const lost = `${closeLine(closeCodes.reconnect, "The session has ended: please reconnect")}\n`;

export class SessionForward {
  readonly #peers: SessionPeers;
  readonly #options: ForwardOptions;
  readonly #forwardings = new Set<Forwarding>();
  readonly #sendings = new Map<string, Sending>();

  constructor(peers: SessionPeers, options: ForwardOptions) {
    this.#peers = peers;
    this.#options = options;
  }

  /** The number of open answers. */
  get count(): number {
    return this.#forwardings.size;
  }

  /**
   * Claims the session for this node. Returns the id of the other node that holds it; null if no other node holds it. While
   * the engine is unreachable it returns null too: the session then belongs to this node until other nodes are reachable.
   */
  async claim(session: string): Promise<string | null> {
    try {
      const holder = await this.#peers.directory.claim(session);
      return holder === this.#peers.nodeId ? null : holder;
    } catch (error) {
      if (error instanceof EngineUnreachable) return null;
      throw error;
    }
  }

  /** The id of the other node that holds the session. @throws HttpError 404 or 503 */
  async holderOf(session: string): Promise<string> {
    try {
      const holder = await this.#peers.directory.find(session);
      if (holder === null || holder === this.#peers.nodeId) throw new HttpError(404, noSession);
      return holder;
    } catch (error) {
      if (!(error instanceof EngineUnreachable)) throw error;
      throw new HttpError(503, "Redis is unreachable, and the session is not on this node: try again");
    }
  }

  /** Requests the frames of the session from the holder, as a stream for the client. */
  frames(request: ForwardedRequest, isStreaming: boolean): ReadableStream<Uint8Array> {
    const forwarding = { request, answerId: randomUUID(), isStreaming, part: 0, bytes: 0, isLeft: false };
    this.#forwardings.add(forwarding);
    return new ReadableStream(
      {
        pull: (controller) => this.#pull(forwarding, controller),
        cancel: () => {
          this.#leave(forwarding, true);
          this.#end(forwarding);
        },
      },
      { highWaterMark: 0 },
    );
  }

  /** Hands the messages of the request to the holder. @throws HttpError */
  async send(request: ForwardedRequest, body: Request): Promise<void> {
    const { session, appId } = request;
    const sending = this.#sendings.get(session) ?? {
      sends: new HttpSends(appId, this.#options, (messages) => this.#deliver(request, messages)),
      requests: 0,
    };
    this.#sendings.set(session, sending);
    sending.requests += 1;
    try {
      await sending.sends.receive(body);
    } catch (error) {
      if (error instanceof HttpError && error.status === 413) await this.#deliver(request, null);
      throw error;
    } finally {
      sending.requests -= 1;
      if (sending.requests === 0) this.#sendings.delete(session);
    }
  }

  /** Ends all answers after the parts that their holders have sent, so that clients continue their sessions on other nodes. */
  leaveAll(): void {
    for (const forwarding of this.#forwardings) this.#leave(forwarding, false);
  }

  async #deliver(request: ForwardedRequest, messages: readonly string[] | null): Promise<void> {
    const { holder, session, origin } = request;
    const question = { type: "session-send", session, origin, messages } as const;
    const { answers } = await this.#peers.bus.askNode(holder, question, sendMs);
    const answer = answers[0]?.answer;
    // Not sent again: the holder may have handled the messages.
    if (answer === undefined) throw new HttpError(503, "The node of this session does not answer");
    if (!answer.isKnown) throw new HttpError(404, noSession);
  }

  async #pull(
    forwarding: Forwarding,
    controller: ReadableStreamDefaultController<Uint8Array>,
  ): Promise<void> {
    this.#count(forwarding, 0);
    const part = await this.#nextPart(forwarding);
    if (!this.#forwardings.has(forwarding)) return;
    const bytes = part === null || !part.isKnown ? Buffer.from(lost) : Buffer.from(part.bytes, "base64");
    if (!this.#count(forwarding, bytes.length)) {
      this.#leave(forwarding, true);
      this.#end(forwarding);
      controller.error(new Error("The unread answers of all clients have too many bytes"));
      return;
    }
    if (bytes.length > 0) controller.enqueue(bytes);
    if (part !== null && !part.isLast) return;
    controller.close();
    this.#end(forwarding);
  }

  /** The next part that has bytes or is the last; null if the holder does not answer. */
  async #nextPart(forwarding: Forwarding): Promise<AnswerPart | null> {
    for (;;) {
      const part = await this.#ask(forwarding);
      forwarding.part += 1;
      const isGone = !this.#forwardings.has(forwarding);
      if (part === null || part.isLast || part.bytes !== "" || isGone) return part;
    }
  }

  async #ask({ request, answerId, isStreaming, part }: Forwarding): Promise<AnswerPart | null> {
    const { nodeId, bus } = this.#peers;
    const { holder, session, origin } = request;
    const question = {
      type: "session-frames" as const,
      session,
      origin,
      answerId,
      part,
      isStreaming,
      nodeId,
    };
    for (let attempt = 1; ; attempt++) {
      const { answers } = await bus.askNode(holder, question, partMs);
      if (answers[0] !== undefined) return answers[0].answer;
      if (attempt === partAttemptsMax) return null;
      await pause(this.#options.clock, retryMs);
    }
  }

  #leave(forwarding: Forwarding, isClientGone: boolean): void {
    if (forwarding.isLeft) return;
    forwarding.isLeft = true;
    const { answerId, request } = forwarding;
    const { session } = request;
    const question = { type: "session-leave", session, answerId, isClientGone } as const;
    void this.#peers.bus.askNode(request.holder, question, sendMs);
  }

  #end(forwarding: Forwarding): void {
    this.#count(forwarding, 0);
    this.#forwardings.delete(forwarding);
  }

  /** Counts the unread bytes of the answer. Returns false if there is no room for them. */
  #count(forwarding: Forwarding, bytes: number): boolean {
    const { unsent } = this.#options;
    unsent.give(forwarding.request.appId, forwarding.bytes);
    forwarding.bytes = unsent.take(forwarding.request.appId, bytes) ? bytes : 0;
    return forwarding.bytes === bytes;
  }
}

export const noSession = "Unknown session: it has ended, or it was opened by another page";
