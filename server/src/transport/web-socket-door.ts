/** Accepts clients: upgrades their requests and handles the events of each socket. */
import type { Server, ServerWebSocket, WebSocketHandler } from "bun";
import type { AfterClose } from "../actions/after-close.ts";
import type { HandleMessage } from "../actions/handle-message.ts";
import type { OpenConnection } from "../actions/open-connection.ts";
import type { OnBug } from "../actions/refuse-message.ts";
import type { ActivityFeed } from "../core/activity.ts";
import type { App } from "../core/apps/app.ts";
import { type Connection, closeSocket } from "../core/connection.ts";
import { targetOf } from "../net/request-target.ts";
import { errorPage, helpHeader } from "../protocol/error-page.ts";
import { CloseConnection, closeCodes } from "../protocol/errors.ts";
import { addressIn, type HandshakeGuard, type HandshakeResult } from "./handshake-guard.ts";
import type { Heartbeat, Heartbeating } from "./heartbeat.ts";
import type { SlowReader, SlowReaders } from "./slow-readers.ts";
import type { WaitingConnections } from "./waiting-connections.ts";

export interface DoorActions {
  readonly open: OpenConnection;
  readonly handleMessage: HandleMessage;
  readonly afterClose: AfterClose;
}

export interface DoorLimits {
  readonly pathPrefix: string;
  readonly messageBytesMax: number;
  readonly backpressureBytesMax: number;
  readonly onBug: OnBug;
}

export type SocketServer = Server<SocketData>;

/** The data of each socket. Its 8 fields take 80 bytes; with one more the runtime would take 112. */
export class SocketData implements Heartbeating, SlowReader {
  /** The handshake; null after the connection was accepted. */
  result: HandshakeResult | null;
  /** The app at the time of the handshake: it may be deleted when the connection closes. */
  app: App | null = null;
  readonly server: SocketServer;
  socket: ServerWebSocket<SocketData> | null = null;
  connection: Connection | null = null;
  isAwaitingAnswer = false;
  heartbeatPosition = -1;
  isCongested = false;

  constructor(result: HandshakeResult, server: SocketServer) {
    this.result = result;
    this.server = server;
  }

  /** The client's address. */
  get address(): string {
    return this.connection?.peer.address ?? (this.result === null ? "" : addressIn(this.result));
  }

  get appId(): string | null {
    return this.connection?.appId ?? null;
  }

  get unsentBytes(): number {
    return this.socket?.getBufferedAmount() ?? 0;
  }

  cut(): void {
    this.socket?.terminate();
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
  readonly #guard: HandshakeGuard;
  readonly #appPath: string;
  readonly #heartbeat: Heartbeat<SocketData>;
  readonly #slowReaders: SlowReaders;

  constructor(
    actions: DoorActions,
    limits: DoorLimits,
    {
      heartbeat,
      activity,
      slowReaders,
      waiting,
    }: {
      readonly heartbeat: Heartbeat<SocketData>;
      readonly activity: ActivityFeed;
      readonly slowReaders: SlowReaders;
      readonly waiting: WaitingConnections;
    },
    guard: HandshakeGuard,
  ) {
    this.#actions = actions;
    this.#heartbeat = heartbeat;
    this.#slowReaders = slowReaders;
    this.#limits = limits;
    this.#guard = guard;
    this.#appPath = `${limits.pathPrefix}/app/`;
    this.handler = this.#createHandler(heartbeat, activity, waiting);
  }

  /** Upgrades the request, or answers it with an error. */
  accept(request: Request, server: SocketServer): Response | undefined {
    const address = this.#guard.addressOf(request, server);
    const refusal = this.#guard.refuse(address);
    if (refusal !== null) return refusal;
    // The runtime would refuse another version itself, without the headers and the text of our answers.
    if (request.headers.get("sec-websocket-version") !== "13") return incompleteHandshake();
    const { path, query } = targetOf(request.url);
    const origin = request.headers.get("origin");
    // Errors are sent over the open socket, because browsers do not show scripts the HTTP response to a handshake.
    const result = this.#guard.check(() => this.#keyOf(path), query, origin, address);
    const data = new SocketData(result, server);
    if (server.upgrade(request, { data })) return undefined;
    return incompleteHandshake();
  }

  /** Marks slow readers, so that those closed at a limit are counted as slow, and closes those beyond the app's limit. */
  checkSlowReaders(): void {
    this.#slowReaders.check(this.#heartbeat.all());
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

  #createHandler(
    heartbeat: Heartbeat<SocketData>,
    activity: ActivityFeed,
    waiting: WaitingConnections,
  ): WebSocketHandler<SocketData> {
    const { open: openAction, handleMessage, afterClose } = this.#actions;
    const { onBug, messageBytesMax, backpressureBytesMax } = this.#limits;
    const { addressLimits } = this.#guard;
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
        addressLimits.opened(data.address);
        heartbeat.add(data);
        const { result } = data;
        if (result === null) return;
        if (result.outcome === "accepted") {
          data.app = result.app;
          data.connection = openAction.open(result.app, socket, result.peer);
          data.result = null;
          return;
        }
        const { refusal } = result;
        activity.emit(result.activity);
        closeSocket(socket, refusal.code, refusal.message);
      },
      message: ({ data }, frame) => {
        data.isAwaitingAnswer = false;
        const { connection } = data;
        if (connection === null) return;
        handleMessage(connection, frame);
        waiting.watch(connection);
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
        addressLimits.closed(data.address);
        heartbeat.remove(data);
        const { connection, app } = data;
        if (connection === null || app === null) return;
        const why = code === 1006 && data.isCongested ? slowReader : reason;
        connection.end(() =>
          afterClose(app, connection, code, why).catch((error) => onBug(error, connection)),
        );
      },
    };
  }
}

/** The close reason that marks slow readers in the counters. */
export const slowReader = "Slow reader: more unsent bytes than a connection may have";

function incompleteHandshake(): Response {
  return upgradeRequired(
    "This path accepts WebSocket version 13 only, and the request was not a complete handshake.",
  );
}

/** The answer to a request on the client path that is not a WebSocket handshake. */
export function upgradeRequired(sentence: string): Response {
  return new Response(
    `${sentence} Connect with a Pusher SDK. A proxy must use HTTP/1.1 and forward the Upgrade and Connection ` +
      "headers.\n",
    {
      status: 426,
      headers: {
        Upgrade: "websocket",
        Connection: "Upgrade",
        "Sec-WebSocket-Version": "13",
        [helpHeader]: errorPage.handshake(426),
      },
    },
  );
}
