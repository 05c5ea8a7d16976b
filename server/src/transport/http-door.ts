/**
 * Accepts clients that cannot use WebSocket, over the HTTP fallbacks of pusher-js: XHR streaming and XHR polling.
 * A client chooses the id of its session, asks for frames with one request at a time, and sends messages with others.
 */
import type { ActivityFeed } from "../core/activity.ts";
import type { Connection } from "../core/connection.ts";
import type { SessionCounts } from "../core/connections-by-transport.ts";
import type { ByteBudget } from "../core/limits/byte-budget.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { RequestSockets } from "../net/client-address.ts";
import { errorResponse } from "../net/error-response.ts";
import { type Target, targetOf } from "../net/request-target.ts";
import { CloseConnection, HttpError } from "../protocol/errors.ts";
import { errorFrame } from "../protocol/server-message.ts";
import { type HandshakeGuard, type HandshakeResult, tryLater } from "./handshake-guard.ts";
import { fallbackPath, framesHeaders, headers, preflight } from "./http-headers.ts";
import { HttpSends } from "./http-sends.ts";
import { closeLine, HttpSession } from "./http-session.ts";
import { noSession, SessionForward, type SessionPeers } from "./session-forward.ts";
import { type HostedSession, SessionHost } from "./session-host.ts";
import type { SessionTopics } from "./session-topics.ts";
import type { DoorActions, DoorLimits } from "./web-socket-door.ts";

export interface HttpDoorOptions extends DoorLimits {
  /** Open sessions, and closed ones whose client has not asked for the reason yet. */
  readonly sessionsMax: number;
  readonly heartbeatMs: number;
  readonly clock: Clock;
  readonly topics: SessionTopics;
  /** Limits the bytes of frames that clients have not read. */
  readonly unsent: ByteBudget;
  /** Limits the bytes of request bodies that are being read. */
  readonly bodies: ByteBudget;
  /** Null for a single node. */
  readonly peers: SessionPeers | null;
}

interface SessionPath {
  readonly key: string;
  /** The key, and the id that the client has chosen for its session. */
  readonly id: string;
  readonly kind: string;
}

/** A client's session, and the reader of its messages. */
interface Client extends HostedSession {
  readonly session: HttpSession;
  readonly sends: HttpSends;
  readonly origin: string | null;
  /** When this node last renewed its claim. */
  claimedAtMs: number;
}

/** The close code of a WebSocket whose message is too long. */
const tooLong = 1009;

const streaming = "xhr_streaming";
const claimRenewedEveryMs = 60_000;

export class HttpDoor {
  /** The prefix of all paths of this door. */
  readonly path: string;
  readonly #actions: DoorActions;
  readonly #guard: HandshakeGuard;
  readonly #activity: ActivityFeed;
  readonly #options: HttpDoorOptions;
  readonly #clients = new Map<string, Client>();
  /** Both are null for a single node. */
  readonly #host: SessionHost | null;
  readonly #forward: SessionForward | null;

  constructor(actions: DoorActions, guard: HandshakeGuard, activity: ActivityFeed, options: HttpDoorOptions) {
    this.#actions = actions;
    this.#guard = guard;
    this.#activity = activity;
    this.#options = options;
    this.path = fallbackPath(options.pathPrefix);
    const { peers, clock } = options;
    this.#forward = peers === null ? null : new SessionForward(peers, options);
    this.#host =
      peers === null
        ? null
        : new SessionHost(peers, clock, (session, origin) => {
            const client = this.#clients.get(session);
            return client === undefined || client.origin !== origin ? null : client;
          });
  }

  readonly answer = async (request: Request, sockets: RequestSockets): Promise<Response> => {
    try {
      if (request.method === "OPTIONS") return preflight();
      if (request.method !== "POST")
        throw new HttpError(405, "Use POST: pusher-js does", { Allow: "POST, OPTIONS" });
      const target = targetOf(request.url);
      const path = this.#sessionPathOf(target.path);
      if (path.kind === "xhr_send") return await this.#send(path, request);
      return await this.#frames(path, target, request, sockets);
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      return errorResponse(error, headers);
    }
  };

  /** Call it once per second. */
  tick(): void {
    for (const { session } of this.#clients.values()) session.tick();
    this.#host?.tick();
    this.#renewClaims();
  }

  /** Counts the open sessions of this node by the transport of their latest answer. */
  sessionCounts(): SessionCounts {
    const counts = { xhr_streaming: 0, xhr_polling: 0 };
    for (const { session } of this.#clients.values()) if (!session.isClosed) counts[session.transport] += 1;
    return counts;
  }

  /** Ends the answers for sessions of other nodes, so that their clients continue elsewhere. */
  endForwarded(): void {
    this.#forward?.leaveAll();
  }

  /** The latest heartbeat of the connection; null if it has none. */
  lastBeat(connection: Connection): HttpSession["lastBeat"] {
    for (const { session } of this.#clients.values())
      if (session.connection === connection) return session.lastBeat;
    return null;
  }

  /** @throws HttpError 404 */
  #sessionPathOf(path: string): SessionPath {
    const [key = "", server = "", session = "", kind = "", ...more] = path.slice(this.path.length).split("/");
    const isKnown = kind === "xhr" || kind === streaming || kind === "xhr_send";
    if (!isKnown || more.length > 0 || !/^\d{1,3}$/.test(server) || !/^[\w-]{8,64}$/.test(session)) {
      throw new HttpError(
        404,
        `Not found: use ${this.path}APP_KEY/SERVER/SESSION/xhr_streaming, /xhr or /xhr_send. ` +
          "SERVER has up to three digits, SESSION has 8 to 64 letters and digits",
      );
    }
    return { key, id: `${key}/${server}/${session}`, kind };
  }

  /** The session, if the request comes from the same page: the id is secret to that page. */
  #known({ id }: SessionPath, origin: string | null): Client | null {
    const client = this.#clients.get(id);
    if (client === undefined) return null;
    if (client.origin !== origin) throw new HttpError(404, noSession);
    return client;
  }

  async #send(path: SessionPath, request: Request): Promise<Response> {
    const origin = request.headers.get("origin");
    const client = this.#known(path, origin);
    if (client === null) await this.#sendElsewhere(path, origin, request);
    else if (client.session.isClosed) throw new HttpError(404, noSession);
    else await this.#receive(client, request);
    return new Response(null, { status: 204, headers });
  }

  async #receive({ sends, receive }: Client, request: Request): Promise<void> {
    try {
      await sends.receive(request);
    } catch (error) {
      if (error instanceof HttpError && error.status === 413) receive(null);
      throw error;
    }
  }

  async #sendElsewhere({ key, id }: SessionPath, origin: string | null, request: Request): Promise<void> {
    const appId = this.#appIdOf(key);
    if (appId === null || this.#forward === null) throw new HttpError(404, noSession);
    const holder = await this.#forward.holderOf(id);
    await this.#forward.send({ holder, session: id, origin, appId }, request);
  }

  async #frames(
    path: SessionPath,
    { query }: Target,
    request: Request,
    sockets: RequestSockets,
  ): Promise<Response> {
    const isStreaming = path.kind === streaming;
    const origin = request.headers.get("origin");
    const elsewhere = this.#known(path, origin) ?? (await this.#framesElsewhere(path, origin));
    if (elsewhere instanceof Response) return elsewhere;
    // Another request of this client may have opened the session meanwhile.
    const known = this.#known(path, origin);
    if (known !== null) return new Response(known.session.answer(isStreaming), { headers: framesHeaders });
    const opened = this.#accept(path, query, origin, this.#guard.addressOf(request, sockets));
    if (!this.#clients.has(path.id)) this.#options.peers?.directory.release(path.id);
    return opened;
  }

  /** Null if no other node holds the session. It is then claimed for this node. */
  async #framesElsewhere({ key, id, kind }: SessionPath, origin: string | null): Promise<Response | null> {
    const appId = this.#appIdOf(key);
    if (appId === null || this.#forward === null) return null;
    const holder = await this.#forward.claim(id);
    if (holder === null) return null;
    const refusal = this.#refuseSession();
    if (refusal !== null) return readable(refusal);
    const request = { holder, session: id, origin, appId };
    return new Response(this.#forward.frames(request, kind === streaming), { headers: framesHeaders });
  }

  #accept(path: SessionPath, query: string, origin: string | null, address: string): Response {
    const refusal = this.#guard.refuse(address) ?? this.#refuseSession();
    if (refusal !== null) return readable(refusal);
    const result = this.#guard.check(() => path.key, query, origin, address);
    if (result.outcome === "refused") return this.#refuse(result);
    const session = this.#open(path, result);
    return new Response(session.answer(path.kind === streaming), { headers: framesHeaders });
  }

  /** Null: no app has this key. */
  #appIdOf(key: string): string | null {
    try {
      return this.#actions.open.find(key).id;
    } catch (error) {
      if (error instanceof CloseConnection) return null;
      throw error;
    }
  }

  #renewClaims(): void {
    const { peers, clock } = this.#options;
    if (peers === null) return;
    const nowMs = clock.now();
    for (const [id, client] of this.#clients) {
      if (nowMs - client.claimedAtMs < claimRenewedEveryMs) continue;
      client.claimedAtMs = nowMs;
      peers.directory.renew(id);
    }
  }

  #refuseSession(): Response | null {
    if (this.#clients.size + (this.#forward?.count ?? 0) < this.#options.sessionsMax) return null;
    return tryLater(503, "The server has its maximum of HTTP sessions: try again later");
  }

  #refuse({
    activity,
    refusal: { code, message },
  }: HandshakeResult & { readonly outcome: "refused" }): Response {
    this.#activity.emit(activity);
    const lines = ["o", `a${JSON.stringify([errorFrame(code, message)])}`, closeLine(code, message), ""];
    return new Response(lines.join("\n"), { headers: framesHeaders });
  }

  #open(
    { id, kind }: SessionPath,
    { app, peer }: HandshakeResult & { readonly outcome: "accepted" },
  ): HttpSession {
    const { onBug, clock, peers, messageBytesMax } = this.#options;
    const { open, handleMessage, afterClose } = this.#actions;
    const { addressLimits } = this.#guard;
    const session = new HttpSession(app.id, kind === streaming, this.#options, {
      onClosed: (code, reason) => {
        addressLimits.closed(peer.address);
        connection.end(() => afterClose(connection, code, reason).catch((error) => onBug(error, connection)));
      },
      onForgotten: () => {
        this.#clients.delete(id);
        peers?.directory.release(id);
      },
    });
    const receive = (messages: readonly string[] | null) => {
      session.recordSent(messages?.length === 0);
      if (messages === null) closeTooLong(session, messageBytesMax);
      for (const message of messages ?? []) {
        if (session.isClosed) return;
        if (Buffer.byteLength(message) > messageBytesMax) closeTooLong(session, messageBytesMax);
        else handleMessage(connection, message);
      }
    };
    const sends = new HttpSends(app.id, this.#options, receive);
    this.#clients.set(id, { session, sends, origin: peer.origin, claimedAtMs: clock.now(), receive });
    addressLimits.opened(peer.address);
    const connection = open.open(app, session, peer);
    session.connection = connection;
    return session;
  }
}

function closeTooLong(session: HttpSession, messageBytesMax: number): void {
  session.close(tooLong, `Message too long: at most ${messageBytesMax} bytes`);
}

/** Lets a page of another origin read the refusal. */
function readable(refusal: Response): Response {
  refusal.headers.set("Access-Control-Allow-Origin", "*");
  return refusal;
}
