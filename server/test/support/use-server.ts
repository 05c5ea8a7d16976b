/** One server for the tests of a file, with stock SDKs. All connections are closed after each test. */
import { afterAll, afterEach, beforeAll, setDefaultTimeout } from "bun:test";
import Echo from "laravel-echo";
import Pusher from "pusher";
import PusherJs, { type Options } from "pusher-js";
import { type AuthEndpoint, startAuthEndpoint } from "./auth-endpoint.ts";
import { FallbackClient, type FallbackTransport } from "./fallback-client.ts";
import { Mailbox } from "./mailbox.ts";
import { type Answer, type RequestParts, request, sign, signedPath } from "./net/http-request.ts";
import { RawClient, type RawClientOptions } from "./net/raw-client.ts";
import { startRedis, startSharedRedis } from "./services/redis.ts";
import { type RunningCluster, startCluster } from "./start-cluster.ts";
import { type RunningServer, type ServerOptions, startServer } from "./start-server.ts";
import { until, within } from "./until.ts";
import type { WireClient } from "./wire-client.ts";

export interface ReceivedEvent {
  readonly event: string;
  readonly data: unknown;
}

export interface UserOptions {
  readonly userId?: string;
  readonly watchlist?: readonly string[];
}

export interface AppChange {
  readonly isEnabled?: boolean;
  readonly settings?: Readonly<Record<string, unknown>>;
}

export interface TestServer {
  /** The running server; set before the first test. */
  readonly server: RunningServer;
  /** The ports of all nodes, without the balancer in front of them. */
  readonly nodePorts: readonly number[];
  /** A connected pusher-js client, authorized as this user. */
  pusherJs(user?: UserOptions, options?: Partial<Options>): Promise<PusherJs>;
  echo(user?: UserOptions): Echo<"pusher">;
  /** Encrypts on `private-encrypted-` channels with a key that the server does not have. */
  backend(secret?: string): Pusher;
  /** Changes the app over the admin API, immediately and until the end of the test. */
  changeApp(change: AppChange): Promise<void>;
  /** A signed request to `/apps/{id}` and this path. */
  api(parts: RequestParts, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  /** Resolves when every node reports this number of connections of the app: nodes exchange counts once a second. */
  connectionsCounted(count: number): Promise<unknown>;
  /** Resolves when the channel has this number of subscriptions. */
  subscriptionsCounted(channel: string, count: number): Promise<unknown>;
  /** Restarts every node at the same time. */
  restart(): Promise<void>;
  /** `KEY:SIGNATURE` of a text. */
  auth(text: string): string;
  /** A WebSocket client, with the hello taken, whichever transport the other clients use. */
  webSocket(query?: string, options?: RawClientOptions): Promise<RawClient>;
  /** A light client of the transport of the tests, with the hello taken. */
  raw(query?: string, options?: RawClientOptions): Promise<WireClient>;
}

const testTimeoutMs = 60_000;
const encryptionMasterKeyBase64 = Buffer.from("a secret of thirty-two bytes ...").toString("base64");

/** With more than one, the tests run against a cluster, and connections alternate between the nodes. */
const clusterNodes = Number(process.env.TEST_CLUSTER_NODES ?? 1);

/** With it the clients of the tests have no WebSocket, and use this transport. */
const fallback = fallbackOf(process.env.TEST_TRANSPORT);

interface TestServerOptions extends ServerOptions {
  /** True for tests of a single process, such as its limits or its end: they always get one node. */
  readonly isOneProcess?: boolean;
}

/**
 * Starts before the first test of the file and stops after the last. With `isShared` the files of this process use one server or
 * cluster, each with a new app: for tests that look only at this app.
 */
export function useServer(options: TestServerOptions = {}): TestServer {
  setDefaultTimeout(testTimeoutMs);
  const tested = new ServerOfTests(options);
  beforeAll(() => tested.start());
  afterEach(() => tested.cleanUp());
  afterAll(() => tested.remove());
  return tested;
}

/** One server, or several behind a balancer. */
type RunningNodes = Pick<RunningCluster, "front" | "nodes" | "remove">;

/** They end with the process. */
let shared: RunningNodes | null = null;

async function borrowShared(): Promise<RunningNodes> {
  // A test that ran out of time has ended them.
  if (shared?.nodes.every(({ isRunning }) => isRunning) !== true)
    shared = await startNodes({ isShared: true });
  shared.front.app = await shared.front.createApp();
  return shared;
}

async function startNodes(options: TestServerOptions): Promise<RunningNodes> {
  if (clusterNodes > 1 && !options.isOneProcess)
    return startCluster(clusterNodes, options, options.isShared ? startSharedRedis : startRedis);
  const front = await startServer(options);
  return { front, nodes: [front], remove: () => front.remove() };
}

class ServerOfTests implements TestServer {
  private readonly options: TestServerOptions;
  private running: RunningNodes | null = null;
  private endpoint: AuthEndpoint | null = null;
  private readonly cleanups: (() => unknown)[] = [];

  constructor(options: TestServerOptions) {
    this.options = options;
  }

  async start(): Promise<void> {
    const { isShared = false, isOneProcess = false } = this.options;
    this.running = await (isShared && !isOneProcess ? borrowShared() : startNodes(this.options));
    this.endpoint = startAuthEndpoint(this.backend(), this.backend("wrong"));
  }

  async cleanUp(): Promise<void> {
    for (const cleanup of this.cleanups.splice(0).reverse()) await cleanup();
  }

  async remove(): Promise<void> {
    await this.endpoint?.stop();
    if (this.running !== null && this.running === shared)
      await this.server.admin("DELETE", `/apps/${this.server.app.id}`);
    else await this.running?.remove();
  }

  private get started(): RunningNodes {
    if (this.running === null) throw new Error("The server starts before the first test, not earlier");
    return this.running;
  }

  get server(): RunningServer {
    return this.started.front;
  }

  get nodePorts(): readonly number[] {
    return this.started.nodes.map(({ listenPort }) => listenPort);
  }

  backend(secret = this.server.app.secret): Pusher {
    const { app, host, port } = this.server;
    const useTLS = this.options.isTls ?? false;
    const target = { appId: app.id, host, port: String(port), useTLS };
    return new Pusher({ ...target, key: app.key, secret, encryptionMasterKeyBase64 });
  }

  async pusherJs(user: UserOptions = {}, more: Partial<Options> = {}): Promise<PusherJs> {
    const client = new PusherJs(this.server.app.key, { ...this.optionsOf(user), ...more });
    this.cleanups.push(() => client.disconnect());
    await connected(client);
    return client;
  }

  echo(user: UserOptions = {}): Echo<"pusher"> {
    const { key } = this.server.app;
    const echo = new Echo({ ...this.optionsOf(user), broadcaster: "pusher", key, Pusher: PusherJs });
    this.cleanups.push(() => echo.disconnect());
    return echo;
  }

  async changeApp(change: AppChange): Promise<void> {
    const path = `/apps/${this.server.app.id}`;
    const { app } = (await this.server.admin("GET", path)) as { app: Required<AppChange> };
    const before = { isEnabled: app.isEnabled, settings: app.settings };
    this.cleanups.push(() => this.server.admin("PATCH", path, before));
    await this.server.admin("PATCH", path, change);
  }

  api(parts: RequestParts, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    const { app, httpUrl } = this.server;
    const path = signedPath(app, { ...parts, path: `/apps/${app.id}${parts.path}` });
    const init = { method: parts.method, headers: { "content-type": "application/json", ...headers } };
    return request(httpUrl + path, parts.body === undefined ? init : { ...init, body: parts.body });
  }

  async connectionsCounted(count: number): Promise<void> {
    const { app, httpUrl, port } = this.server;
    const path = `/apps/${app.id}/connections`;
    for (const listenPort of this.nodePorts) {
      const url = httpUrl.replace(`:${port}`, `:${listenPort}`);
      await until(`${count} connections`, async () => {
        const { text } = await request(url + signedPath(app, { method: "GET", path }));
        return text === JSON.stringify({ connections: count });
      });
    }
  }

  async subscriptionsCounted(channel: string, count: number): Promise<void> {
    const query = { info: "subscription_count" };
    await until(`${count} subscriptions of ${channel}`, async () => {
      const { text } = await this.api({ method: "GET", path: `/channels/${channel}`, query });
      return (JSON.parse(text).subscription_count ?? 0) === count;
    });
  }

  async restart(): Promise<void> {
    await Promise.all(this.started.nodes.map((node) => node.restart()));
  }

  auth(text: string): string {
    return `${this.server.app.key}:${sign(this.server.app.secret, text)}`;
  }

  async webSocket(query?: string, options?: RawClientOptions): Promise<RawClient> {
    const client = await RawClient.connect(this.server.webSocketUrl(query), options);
    this.cleanups.push(() => client[Symbol.dispose]());
    return client;
  }

  async raw(query?: string, options?: RawClientOptions): Promise<WireClient> {
    if (fallback === null) return this.webSocket(query, options);
    const url = this.server.webSocketUrl(query);
    const client = await FallbackClient.connect(url, fallback, options?.headers);
    this.cleanups.push(() => client[Symbol.dispose]());
    return client;
  }

  private optionsOf(user: UserOptions) {
    if (this.endpoint === null) throw new Error("The auth endpoint starts before the first test");
    const { host, port } = this.server;
    const params = {
      ...(user.userId === undefined ? {} : { user_id: user.userId }),
      ...(user.watchlist === undefined ? {} : { watchlist: user.watchlist.join(",") }),
    };
    const { url } = this.endpoint;
    const asks = { transport: "ajax" as const, params, headers: {} };
    return {
      wsHost: host,
      wsPort: port,
      wssPort: port,
      forceTLS: this.options.isTls ?? false,
      disableStats: true,
      httpHost: host,
      httpPort: port,
      httpsPort: port,
      enabledTransports: (fallback === null ? ["ws", "wss"] : [fallback]) as ("ws" | "wss")[],
      cluster: "default",
      channelAuthorization: { ...asks, endpoint: `${url}/pusher/auth` },
      userAuthentication: { ...asks, endpoint: `${url}/pusher/user-auth` },
    };
  }
}

function fallbackOf(name: string | undefined): FallbackTransport | null {
  if (name === undefined) return null;
  if (name === "xhr_streaming" || name === "xhr_polling") return name;
  throw new Error(`TEST_TRANSPORT=${name}: use xhr_streaming or xhr_polling`);
}

export function connected(client: PusherJs): Promise<void> {
  return within(
    "pusher-js to connect",
    new Promise((resolve, reject) => {
      if (client.connection.state === "connected") resolve();
      client.connection.bind("connected", () => resolve());
      client.connection.bind("failed", () => reject(new Error("pusher-js gave up")));
    }),
  );
}

interface Bindable {
  bind_global(callback: (event: string, data: unknown) => void): unknown;
}

/** All later events of a channel or of the client itself. */
export function listen(target: Bindable): Mailbox<ReceivedEvent> {
  const mailbox = new Mailbox<ReceivedEvent>();
  target.bind_global((event, data) => mailbox.push({ event, data }));
  return mailbox;
}

/** Subscribes, waits for the answer, and returns the channel's mailbox without that answer. */
export async function subscribe(
  client: PusherJs,
  name: string,
): Promise<{ received: Mailbox<ReceivedEvent>; answer: unknown }> {
  const received = listen(client.subscribe(name));
  const first = await received.next(`the answer to the subscription of ${name}`);
  if (first.event !== "pusher:subscription_succeeded") {
    throw new Error(`The subscription to ${name} failed: ${JSON.stringify(first)}`);
  }
  return { received, answer: first.data };
}
