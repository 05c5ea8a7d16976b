/** The door for clients: the upgrade, and what Bun tells of each socket afterwards. */
import type { Server, ServerWebSocket, WebSocketHandler } from "bun";
import type { AfterClose } from "../actions/after-close.ts";
import type { HandleMessage } from "../actions/handle-message.ts";
import type { OpenConnection } from "../actions/open-connection.ts";
import type { ActivityFeed } from "../core/activity.ts";
import type { App } from "../core/app.ts";
import { type Connection, closeSocket, type Peer } from "../core/connection.ts";
import type { ClientAddresses } from "../net/client-address.ts";
import { targetOf } from "../net/request-target.ts";
import { CloseConnection, closeCodes } from "../protocol/errors.ts";
import { type Handshake, parseHandshake } from "../protocol/handshake.ts";
import type { AddressLimits } from "./address-limits.ts";
import type { Heartbeat, Heartbeating } from "./heartbeat.ts";

export interface DoorActions {
  readonly open: OpenConnection;
  readonly handleMessage: HandleMessage;
  readonly afterClose: AfterClose;
}

export interface DoorLimits {
  readonly pathPrefix: string;
  readonly messageBytesMax: number;
  readonly backpressureBytesMax: number;
  /** The sentence with which every handshake is answered 503 now, or null. */
  readonly overload: () => string | null;
  /** An address has too many connections or handshakes; the sentence with which this one was answered 429. */
  readonly onTooMany: (sentence: string) => void;
  readonly onBug: (error: unknown) => void;
}

type Entry =
  | { readonly outcome: "welcome"; readonly app: App; readonly peer: Peer }
  | { readonly outcome: "refused"; readonly appId: string | null; readonly refusal: CloseConnection };

export type SocketServer = Server<SocketData>;

/** What hangs on each socket. */
export class SocketData implements Heartbeating {
  /** How it came in; null once it is in. */
  entry: Entry | null;
  /** What the connection was opened with: by the time it ends the app may be deleted. */
  app: App | null = null;
  readonly address: string;
  readonly server: SocketServer;
  socket: ServerWebSocket<SocketData> | null = null;
  connection: Connection | null = null;
  isAwaitingAnswer = false;
  heartbeatSlice = 0;
  heartbeatPlace = -1;
  /** It had unsent bytes at the last look: where it ends without a close frame, that is why. */
  isCongested = false;

  constructor(entry: Entry, address: string, server: SocketServer) {
    this.entry = entry;
    this.address = address;
    this.server = server;
  }

  ping(): void {
    this.socket?.ping();
  }

  giveUp(): void {
    if (this.socket !== null)
      closeSocket(this.socket, closeCodes.pongNotReceived, "Pong reply not received in time");
  }
}

export class WebSocketDoor {
  readonly handler: WebSocketHandler<SocketData>;
  readonly #actions: DoorActions;
  readonly #limits: DoorLimits;
  readonly #addressLimits: AddressLimits;
  readonly #addresses: ClientAddresses;
  readonly #appPath: string;
  readonly #heartbeat: Heartbeat<SocketData>;

  constructor(
    actions: DoorActions,
    limits: DoorLimits,
    { heartbeat, activity }: { readonly heartbeat: Heartbeat<SocketData>; readonly activity: ActivityFeed },
    addresses: ClientAddresses,
    addressLimits: AddressLimits,
  ) {
    this.#actions = actions;
    this.#heartbeat = heartbeat;
    this.#limits = limits;
    this.#addresses = addresses;
    this.#addressLimits = addressLimits;
    this.#appPath = `${limits.pathPrefix}/app/`;
    this.handler = this.#createHandler(heartbeat, activity);
  }

  /** Upgrades the request, or answers it. */
  accept(request: Request, server: SocketServer): Response | undefined {
    const overload = this.#limits.overload();
    if (overload !== null) return refuse(503, overload);
    const address = this.#addresses.of(request, server);
    const refusal = this.#addressLimits.refusal(address);
    if (refusal !== null) {
      this.#limits.onTooMany(refusal);
      return refuse(429, refusal);
    }
    const data = new SocketData(this.#entryOf(request, address), address, server);
    if (server.upgrade(request, { data })) return undefined;
    return upgradeRequired(
      "This path speaks WebSocket, version 13, and the request was no whole handshake of it.",
    );
  }

  /** Notes who has unsent bytes, so that a connection that the runtime cuts at its cap can be counted as slow. */
  lookForSlowReaders(): void {
    for (const data of this.#heartbeat.all()) data.isCongested = (data.socket?.getBufferedAmount() ?? 0) > 0;
  }

  /** A refusal is told over the open socket: clients see no HTTP answer to a handshake. */
  #entryOf(request: Request, address: string): Entry {
    let app: App | null = null;
    try {
      const { path, query } = targetOf(request.url);
      const key = this.#keyOf(path);
      const origin = request.headers.get("origin");
      app = this.#actions.open.check(key, origin);
      const handshake = shared(parseHandshake(new URLSearchParams(query)));
      return { outcome: "welcome", app, peer: { address, origin, handshake } };
    } catch (error) {
      if (error instanceof CloseConnection)
        return { outcome: "refused", appId: app?.id ?? null, refusal: error };
      throw error;
    }
  }

  #keyOf(path: string): string {
    const key = path.startsWith(this.#appPath) ? path.slice(this.#appPath.length) : "";
    if (key === "" || key.includes("/")) {
      throw new CloseConnection(
        closeCodes.pathNotFound,
        `Path not found: connect to ${this.#appPath}APP_KEY`,
      );
    }
    return key;
  }

  #createHandler(heartbeat: Heartbeat<SocketData>, activity: ActivityFeed): WebSocketHandler<SocketData> {
    const { open: openAction, handleMessage, afterClose } = this.#actions;
    const { onBug, messageBytesMax, backpressureBytesMax } = this.#limits;
    return {
      maxPayloadLength: messageBytesMax,
      backpressureLimit: backpressureBytesMax,
      closeOnBackpressureLimit: true,
      idleTimeout: 0,
      sendPings: false,
      perMessageDeflate: false,
      open: (socket) => {
        const { data } = socket;
        data.socket = socket;
        this.#addressLimits.opened(data.address);
        heartbeat.add(data);
        const { entry } = data;
        data.entry = null;
        if (entry === null) return;
        if (entry.outcome === "welcome") {
          data.app = entry.app;
          data.connection = openAction.open(entry.app, socket, entry.peer);
          return;
        }
        const { appId, refusal } = entry;
        activity.emit({ type: "handshake_refused", appId, code: refusal.code, reason: refusal.message });
        closeSocket(socket, refusal.code, refusal.message);
      },
      message: ({ data }, frame) => {
        data.isAwaitingAnswer = false;
        if (data.connection !== null) handleMessage(data.connection, frame);
      },
      ping: ({ data }) => {
        data.isAwaitingAnswer = false;
      },
      pong: ({ data }) => {
        data.isAwaitingAnswer = false;
      },
      drain: ({ data }) => data.connection?.runWaiting(),
      close: ({ data }, code, reason) => {
        data.socket = null;
        this.#addressLimits.closed(data.address);
        heartbeat.remove(data);
        const { connection, app } = data;
        if (connection === null || app === null) return;
        const why = code === 1006 && data.isCongested ? slowReader : reason;
        connection.end(() => afterClose(app, connection, code, why).catch(onBug));
      },
    };
  }
}

/** The reason by which slow readers are counted. */
export const slowReader = "Slow reader: more bytes were waiting for it than a connection may have";

const handshakes = new Map<string, Handshake>();
const handshakesMax = 1_000;

/** One object for all connections that say the same of themselves: there are few such sayings. */
function shared(handshake: Handshake): Handshake {
  const key = `${handshake.protocol} ${handshake.client} ${handshake.version}`;
  const known = handshakes.get(key);
  if (known !== undefined) return known;
  if (handshakes.size < handshakesMax) handshakes.set(key, handshake);
  return handshake;
}

function refuse(status: number, sentence: string): Response {
  return new Response(`${sentence}\n`, { status, headers: { "Retry-After": "5" } });
}

/** For a request to the path of clients that opens no WebSocket. */
export function upgradeRequired(sentence: string): Response {
  return new Response(
    `${sentence} Connect with a Pusher SDK. A proxy in between must speak HTTP/1.1 and pass the Upgrade and Connection ` +
      "headers on.\n",
    {
      status: 426,
      headers: { Upgrade: "websocket", Connection: "Upgrade", "Sec-WebSocket-Version": "13" },
    },
  );
}
