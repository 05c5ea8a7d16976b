/** Accepts clients: upgrades their requests and handles the events of each socket. */
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
import { type Handshake, parseHandshake, sdkName } from "../protocol/handshake.ts";
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
  /** The error message if every handshake must be answered 503 now; null otherwise. */
  readonly overload: () => string | null;
  /** Called when a handshake was answered 429, with its error message: the address has too many connections or handshakes. */
  readonly onTooMany: (sentence: string) => void;
  readonly onBug: (error: unknown) => void;
}

type Entry =
  | { readonly outcome: "welcome"; readonly app: App; readonly peer: Peer }
  | {
      readonly outcome: "refused";
      readonly appId: string | null;
      readonly appKey: string | null;
      /** As it was sent: it may be what was refused. */
      readonly query: string;
      readonly refusal: CloseConnection;
    };

export type SocketServer = Server<SocketData>;

/** The data of each socket. */
export class SocketData implements Heartbeating {
  /** The handshake; null after the connection was accepted. */
  entry: Entry | null;
  /** The app at the time of the handshake: it may be deleted when the connection closes. */
  app: App | null = null;
  readonly address: string;
  readonly server: SocketServer;
  socket: ServerWebSocket<SocketData> | null = null;
  connection: Connection | null = null;
  isAwaitingAnswer = false;
  heartbeatSlice = 0;
  heartbeatPlace = -1;
  /** It had unsent bytes at the last look. If it closes without a close frame, it was too slow. */
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

  /** Upgrades the request, or answers it with an error. */
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
      "This path accepts WebSocket version 13 only, and the request was not a complete handshake.",
    );
  }

  /** Marks the connections with unsent bytes, so that one that the runtime closes at its limit is counted as slow. */
  lookForSlowReaders(): void {
    for (const data of this.#heartbeat.all()) data.isCongested = (data.socket?.getBufferedAmount() ?? 0) > 0;
  }

  /** Sends errors over the open socket, because browsers do not show scripts the HTTP response to a handshake. */
  #entryOf(request: Request, address: string): Entry {
    const { path, query } = targetOf(request.url);
    let appKey: string | null = null;
    let app: App | null = null;
    try {
      appKey = this.#keyOf(path);
      app = this.#actions.open.find(appKey);
      const origin = request.headers.get("origin");
      this.#actions.open.check(app, origin);
      const handshake = shared(parseHandshake(new URLSearchParams(query)));
      return { outcome: "welcome", app, peer: { address, origin, handshake } };
    } catch (error) {
      if (error instanceof CloseConnection)
        return { outcome: "refused", appId: app?.id ?? null, appKey, query, refusal: error };
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
        const { appId, appKey, refusal } = entry;
        const sender = { address: data.address, sdk: sdkOf(entry.query) };
        const { code, message: reason } = refusal;
        activity.emit({ type: "handshake_refused", appId, appKey, code, reason, sender });
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

/** The close reason that marks slow readers in the counters. */
export const slowReader = "Slow reader: more unsent bytes than a connection may have";

const handshakes = new Map<string, Handshake>();
const handshakesMax = 1_000;

/** Shares one object between all connections with the same client name and version, because there are few combinations. */
function shared(handshake: Handshake): Handshake {
  const key = `${handshake.protocol} ${handshake.client} ${handshake.version}`;
  const known = handshakes.get(key);
  if (known !== undefined) return known;
  if (handshakes.size < handshakesMax) handshakes.set(key, handshake);
  return handshake;
}

/** Of a query that was not accepted. */
function sdkOf(query: string): string | null {
  const given = new URLSearchParams(query);
  const [client, version] = ["client", "version"].map((name) => (given.get(name) ?? "").slice(0, 64));
  return sdkName({ client: client ?? "", version: version ?? "" });
}

function refuse(status: number, sentence: string): Response {
  return new Response(`${sentence}\n`, { status, headers: { "Retry-After": "5" } });
}

/** The answer to a request on the client path that is not a WebSocket handshake. */
export function upgradeRequired(sentence: string): Response {
  return new Response(
    `${sentence} Connect with a Pusher SDK. A proxy must use HTTP/1.1 and forward the Upgrade and Connection ` +
      "headers.\n",
    {
      status: 426,
      headers: { Upgrade: "websocket", Connection: "Upgrade", "Sec-WebSocket-Version": "13" },
    },
  );
}
