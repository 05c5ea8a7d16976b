/** The real server, started by the launcher on a free port with its own data folder. */
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hostInUrl } from "../../src/config/host.ts";
import { freePort } from "./net/free-port.ts";
import { program, runtimeEnv } from "./program.ts";
import { untilInputEnds } from "./services/until-input-ends.ts";
import { until, within } from "./until.ts";

export interface Credentials {
  readonly id: string;
  readonly key: string;
  readonly secret: string;
}

export interface ServerOptions {
  /** Added to the environment of every test server; these values take precedence. */
  readonly env?: Readonly<Record<string, string>>;
  readonly flags?: readonly string[];
  /** Whether the server uses TLS on its port, with a self-signed certificate. */
  readonly isTls?: boolean;
  /** Whether the URL for browsers is configured. */
  readonly isUrlKnown?: boolean;
  /** The program and its first arguments; default: those of `program.ts`. */
  readonly program?: readonly [string, ...string[]];
  /** The working folder of the server. */
  readonly cwd?: string;
  /** The port for clients if it is not the server's own: that of a balancer in front of it. */
  readonly frontPort?: number;
  /** Whether the test files of this process use it one after another. It ends, and its data is deleted, with this process. */
  readonly isShared?: boolean;
}

const attemptsMax = 3;
const portTaken = /port \d+ is in use/;
const running = new Set<RunningServer>();

process.on("exit", () => {
  for (const server of running) server.killNow();
});

export async function startServer(options: ServerOptions = {}): Promise<RunningServer> {
  for (let attempt = 1; ; attempt++) {
    const server = new RunningServer(options, await freePort());
    try {
      await server.start();
      return server;
    } catch (error) {
      await server.remove();
      if (!portTaken.test(server.log) || attempt === attemptsMax) throw error;
    }
  }
}

export class RunningServer {
  /** The host in URLs; with TLS a name, which certificates and SDKs require. */
  readonly host: string;
  /** The port for clients. */
  readonly port: number;
  /** The server's own port. */
  readonly listenPort: number;
  /** The app of its environment, until a test replaces it with another app of the server. */
  app: Credentials;
  readonly adminToken: string;
  readonly dataDir = mkdtempSync(join(tmpdir(), "soketify-test-"));
  readonly #options: ServerOptions;
  #process: ChildProcess | null = null;
  #log = "";
  /** The position at which the current process's log begins. */
  #logStart = 0;

  constructor(options: ServerOptions, port: number) {
    this.#options = options;
    this.port = options.frontPort ?? port;
    this.listenPort = port;
    this.host = options.isTls ? "localhost" : hostInUrl(options.env?.SOKETIFY_HOST ?? "127.0.0.1");
    const { env = {} } = options;
    this.adminToken = env.SOKETIFY_ADMIN_TOKEN ?? `test-${randomBytes(16).toString("hex")}`;
    this.app = {
      id: env.SOKETIFY_APP_ID ?? String(100_000 + (randomBytes(2).readUInt16BE() % 900_000)),
      key: env.SOKETIFY_APP_KEY ?? randomBytes(10).toString("hex"),
      secret: env.SOKETIFY_APP_SECRET ?? randomBytes(16).toString("hex"),
    };
  }

  get httpUrl(): string {
    return `${this.#options.isTls ? "https" : "http"}://${this.host}:${this.port}${this.#pathPrefix}`;
  }

  /** The root of the admin API and of the dashboard. */
  get adminUrl(): string {
    const own = this.#options.env?.SOKETIFY_DASHBOARD_PORT;
    return own === undefined ? this.httpUrl : this.httpUrl.replace(`:${this.port}`, `:${own}`);
  }

  get #healthUrl(): string {
    const own = this.#options.env?.SOKETIFY_METRICS_PORT;
    const front = this.httpUrl.replace(`:${this.port}`, `:${this.listenPort}`);
    return own === undefined ? front : `http://${this.host}:${own}`;
  }

  get #pathPrefix(): string {
    return this.#options.env?.SOKETIFY_PATH_PREFIX ?? "";
  }

  /** The URL a client of this app connects to; the query speaks protocol 7 by default. */
  webSocketUrl(query = "protocol=7&client=test&version=1.0.0", key = this.app.key): string {
    return `ws://${this.host}:${this.port}${this.#pathPrefix}/app/${key}?${query}`;
  }

  get log(): string {
    return this.#log;
  }

  /** The started process, the launcher or the binary. It runs exactly as long as the server. */
  get pid(): number {
    const pid = this.#process?.pid;
    if (pid === undefined) throw new Error("The server is not running");
    return pid;
  }

  /** The serving process: the launcher's child, or the started process if it is the server itself. */
  get servingPid(): number {
    // The children of a server are its workers.
    if (!readFileSync(`/proc/${this.pid}/cmdline`, "utf8").startsWith("node\0")) return this.pid;
    return Number(readFileSync(`/proc/${this.pid}/task/${this.pid}/children`, "utf8").trim());
  }

  get isRunning(): boolean {
    return this.#process !== null && this.#process.exitCode === null && this.#process.signalCode === null;
  }

  async start(): Promise<void> {
    const started = this.#options.program ?? program;
    const { isShared = false } = this.#options;
    const command = [...started, "start", ...(this.#options.flags ?? [])] as const;
    const [file, ...args] = isShared ? untilInputEnds(this.dataDir, command) : command;
    const server = spawn(file, args, {
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        ...runtimeEnv,
        // Marks the processes of a test run: see scripts/test.js.
        TEST_RUN_ID: process.env.TEST_RUN_ID,
        SOKETIFY_HOST: "127.0.0.1",
        SOKETIFY_PORT: String(this.listenPort),
        SOKETIFY_DATA_DIR: this.dataDir,
        SOKETIFY_APP_ID: this.app.id,
        SOKETIFY_APP_KEY: this.app.key,
        SOKETIFY_APP_SECRET: this.app.secret,
        SOKETIFY_ADMIN_TOKEN: this.adminToken,
        // Tests of the drain set a longer time.
        SOKETIFY_DRAIN_GRACE_MS: "50",
        SOKETIFY_DRAIN_MS: "200",
        ...(this.#options.isUrlKnown ? { SOKETIFY_PUBLIC_URL: this.httpUrl } : {}),
        ...this.#options.env,
      },
      cwd: this.#options.cwd,
      // A separate process group, so that one kill reaches launcher and server.
      detached: true,
      stdio: [isShared ? "pipe" : "ignore", "pipe", "pipe"],
    });
    this.#process = server;
    this.#logStart = this.#log.length;
    running.add(this);
    const collect = (chunk: Buffer) => {
      this.#log += chunk.toString();
    };
    server.stdout?.on("data", collect);
    server.stderr?.on("data", collect);
    await until("the server to be ready", () => this.#isReady()).catch((error: Error) => {
      throw new Error(`${error.message}. Its log:\n${this.#log}`);
    });
  }

  async #isReady(): Promise<boolean> {
    if (!this.isRunning) throw new Error("The server ended while it started");
    // Before the server has logged this, another program may use its port.
    if (!this.#log.includes("Soketify is listening", this.#logStart)) return false;
    const answer = await fetch(`${this.#healthUrl}/health/ready`, {
      tls: { rejectUnauthorized: false },
    }).catch(() => null);
    return answer?.status === 200;
  }

  /** Sends the signal only to the started process, like a supervisor, and waits for its end. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<{ code: number | null; signal: string | null }> {
    const server = this.#process;
    if (server === null) return { code: null, signal: null };
    if (this.isRunning) {
      const ended = once(server, "exit");
      server.kill(signal);
      await within(`the server to end after ${signal}`, ended).finally(() => this.killNow());
    }
    this.#process = null;
    running.delete(this);
    return { code: server.exitCode, signal: server.signalCode };
  }

  /** Like a power failure. The data folder remains. */
  async kill(): Promise<void> {
    if (this.#process === null || !this.isRunning) return;
    const ended = once(this.#process, "exit");
    this.killNow();
    await within("the killed server to be gone", ended);
    this.#process = null;
  }

  killNow(): void {
    const pid = this.#process?.pid;
    if (pid === undefined) return;
    try {
      process.kill(-pid, "SIGKILL");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }

  /** Stops, and starts again with the same port and data. */
  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** For the end of a test: removes the process and the folder. */
  async remove(): Promise<void> {
    await this.kill();
    running.delete(this);
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  /** Creates an app; returns its credentials. */
  async createApp(name = "Shop"): Promise<Credentials> {
    const { app, secret } = (await this.admin("POST", "/apps", { name })) as {
      readonly app: { readonly id: string; readonly key: string };
      readonly secret: { readonly value: string };
    };
    return { id: app.id, key: app.key, secret: secret.value };
  }

  /** One request to the admin API, which must succeed; the answer's JSON, null if it has none. */
  async admin(method: string, path: string, body?: object): Promise<unknown> {
    const answer = await fetch(`${this.adminUrl}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${this.adminToken}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      tls: { rejectUnauthorized: false },
    });
    if (answer.ok) return answer.status === 204 ? null : answer.json();
    throw new Error(`${method} ${path} was refused: ${answer.status} ${await answer.text()}`);
  }
}
