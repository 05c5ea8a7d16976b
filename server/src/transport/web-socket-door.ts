/** Accepts clients: upgrades their requests and handles the events of each socket. */
import type { Server, ServerWebSocket, WebSocketHandler } from "bun";
import type { AfterClose } from "../actions/after-close.ts";
import type { HandleMessage } from "../actions/handle-message.ts";
import type { OpenConnection } from "../actions/open-connection.ts";
import type { OnBug } from "../actions/refuse-message.ts";
import type { ActivityFeed } from "../core/activity.ts";
import { Connection, closeSocket } from "../core/connection.ts";
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

const isAwaitingAnswerBit = 1;
const isCongestedBit = 2;
const bitCount = 2;

/** The data of each socket. Its 4 fields take 48 bytes; with one more the runtime would take 64. */
export class SocketData implements Heartbeating, SlowReader {
  readonly server: SocketServer;
  socket: ServerWebSocket<SocketData> | null = null;
  /** The result of the handshake, until the connection is accepted. */
  #client: HandshakeResult | Connection;
  /** The heartbeat's position, and below it the bits. */
  #packed = -1 << bitCount;

  constructor(result: HandshakeResult, server: SocketServer) {
    this.#client = result;
    this.server = server;
  }

  /** Null after the connection was accepted. */
  get result(): HandshakeResult | null {
    return this.#client instanceof Connection ? null : this.#client;
  }

  /** Null if the handshake was refused, and before it is accepted. */
  get connection(): Connection | null {
    return this.#client instanceof Connection ? this.#client : null;
  }

  accept(connection: Connection): void {
    this.#client = connection;
  }

  get heartbeatPosition(): number {
    return this.#packed >> bitCount;
  }

  set heartbeatPosition(position: number) {
    this.#packed = (position << bitCount) | (this.#packed & (isAwaitingAnswerBit | isCongestedBit));
  }

  get isAwaitingAnswer(): boolean {
    return (this.#packed & isAwaitingAnswerBit) !== 0;
  }

  set isAwaitingAnswer(isSet: boolean) {
    this.#setBit(isAwaitingAnswerBit, isSet);
  }

  get isCongested(): boolean {
    return (this.#packed & isCongestedBit) !== 0;
  }

  set isCongested(isSet: boolean) {
    this.#setBit(isCongestedBit, isSet);
  }

  #setBit(bit: number, isSet: boolean): void {
    this.#packed = isSet ? this.#packed | bit : this.#packed & ~bit;
  }

  /** The client's address. */
  get address(): string {
    return this.#client instanceof Connection ? this.#client.peer.address : addressIn(this.#client);
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
          data.accept(openAction.open(result.app, socket, result.peer));
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
        const { connection } = data;
        if (connection === null) return;
        const why = code === 1006 && data.isCongested ? slowReader : reason;
        connection.end(() => afterClose(connection, code, why).catch((error) => onBug(error, connection)));
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
