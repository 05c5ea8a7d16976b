/** One server for the tests of a file, with stock SDKs that point at it; everything they open is closed after each test. */
import { afterAll, afterEach, beforeAll, setDefaultTimeout } from "bun:test";
import Echo from "laravel-echo";
import Pusher from "pusher";
import PusherJs, { type Options } from "pusher-js";
import { type AuthEndpoint, startAuthEndpoint } from "./auth-endpoint.ts";
import { type Answer, type RequestParts, request, sign, signedPath } from "./http-request.ts";
import { Mailbox } from "./mailbox.ts";
import { RawClient, type RawClientOptions } from "./raw-client.ts";
import { type RunningCluster, startCluster } from "./start-cluster.ts";
import { type RunningServer, type ServerOptions, startServer } from "./start-server.ts";
import { within } from "./until.ts";

export interface Heard {
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
  /** Reads as the running server itself; set before the first test. */
  readonly server: RunningServer;
  /** Connected, and authorized as this user. */
  pusherJs(user?: UserOptions, options?: Partial<Options>): Promise<PusherJs>;
  echo(user?: UserOptions): Echo<"pusher">;
  /** Encrypts on `private-encrypted-` channels; the server never sees the key for it. */
  backend(secret?: string): Pusher;
  /** Changes the app over the admin API, at once and until the end of the test. */
  changeApp(change: AppChange): Promise<void>;
  /** A signed request to `/apps/{id}` and this path. */
  api(parts: RequestParts, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  /** `KEY:SIGNATURE` of any text, right or wrong. */
  auth(text: string): string;
  /** Raw, with the hello taken. */
  raw(query?: string, options?: RawClientOptions): Promise<RawClient>;
}

const testTimeoutMs = 60_000;
const encryptionMasterKeyBase64 = Buffer.from("a secret of thirty-two bytes ...").toString("base64");

/** With more than one, the tests run against a cluster, and each connection lands on the next node. */
const clusterNodes = Number(process.env.TEST_CLUSTER_NODES ?? 1);

export function useServer(options: ServerOptions = {}): TestServer {
  setDefaultTimeout(testTimeoutMs);
  let running: RunningServer | null = null;
  let cluster: RunningCluster | null = null;
  let endpoint: AuthEndpoint | null = null;
  const cleanups: (() => unknown)[] = [];

  function server(): RunningServer {
    if (running === null) throw new Error("The server starts before the first test, not earlier");
    return running;
  }

  function backend(secret = server().app.secret): Pusher {
    const { app, host, port } = server();
    const useTLS = options.isTls ?? false;
    const where = { appId: app.id, host, port: String(port), useTLS };
    return new Pusher({ ...where, key: app.key, secret, encryptionMasterKeyBase64 });
  }

  function optionsOf(user: UserOptions) {
    if (endpoint === null) throw new Error("The auth endpoint starts before the first test");
    const { host, port } = server();
    const params = {
      ...(user.userId === undefined ? {} : { user_id: user.userId }),
      ...(user.watchlist === undefined ? {} : { watchlist: user.watchlist.join(",") }),
    };
    return {
      wsHost: host,
      wsPort: port,
      wssPort: port,
      forceTLS: options.isTls ?? false,
      disableStats: true,
      enabledTransports: ["ws", "wss"] as ("ws" | "wss")[],
      cluster: "default",
      channelAuthorization: {
        endpoint: `${endpoint.url}/pusher/auth`,
        transport: "ajax" as const,
        params,
        headers: {},
      },
      userAuthentication: {
        endpoint: `${endpoint.url}/pusher/user-auth`,
        transport: "ajax" as const,
        params,
        headers: {},
      },
    };
  }

  beforeAll(async () => {
    if (clusterNodes > 1) {
      cluster = await startCluster(clusterNodes, options);
      running = cluster.front;
    } else {
      running = await startServer(options);
    }
    endpoint = startAuthEndpoint(backend(), backend("wrong"));
  });
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });
  afterAll(async () => {
    await endpoint?.stop();
    await (cluster ?? running)?.remove();
  });

  return {
    get server() {
      return server();
    },
    backend,
    async pusherJs(user = {}, more = {}) {
      const client = new PusherJs(server().app.key, { ...optionsOf(user), ...more });
      cleanups.push(() => client.disconnect());
      await connected(client);
      return client;
    },
    echo(user = {}) {
      const echo = new Echo({
        ...optionsOf(user),
        broadcaster: "pusher",
        key: server().app.key,
        Pusher: PusherJs,
      });
      cleanups.push(() => echo.disconnect());
      return echo;
    },
    async changeApp(change) {
      const path = `/apps/${server().app.id}`;
      const { app } = (await server().admin("GET", path)) as { app: Required<AppChange> };
      const before = { isEnabled: app.isEnabled, settings: app.settings };
      cleanups.push(() => server().admin("PATCH", path, before));
      await server().admin("PATCH", path, change);
    },
    api(parts, headers = {}) {
      const { app, httpUrl } = server();
      const path = signedPath(app, { ...parts, path: `/apps/${app.id}${parts.path}` });
      const init = { method: parts.method, headers: { "content-type": "application/json", ...headers } };
      return request(httpUrl + path, parts.body === undefined ? init : { ...init, body: parts.body });
    },
    auth(text) {
      return `${server().app.key}:${sign(server().app.secret, text)}`;
    },
    async raw(query, rawOptions) {
      const client = await RawClient.connect(server().webSocketUrl(query), rawOptions);
      cleanups.push(() => client[Symbol.dispose]());
      return client;
    },
  };
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

/** Everything that a channel, or the client itself, hears from now on. */
export function listen(target: Bindable): Mailbox<Heard> {
  const mailbox = new Mailbox<Heard>();
  target.bind_global((event, data) => mailbox.push({ event, data }));
  return mailbox;
}

/** Subscribes, waits for the answer, and returns the channel's mailbox with that answer taken. */
export async function subscribe(
  client: PusherJs,
  name: string,
): Promise<{ heard: Mailbox<Heard>; answer: unknown }> {
  const heard = listen(client.subscribe(name));
  const first = await heard.next(`the answer to the subscription of ${name}`);
  if (first.event !== "pusher:subscription_succeeded") {
    throw new Error(`The subscription to ${name} failed: ${JSON.stringify(first)}`);
  }
  return { heard, answer: first.data };
}
