/** The servers under load. Each is a process of its own, started as a user starts it. */
import { closeSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Subprocess } from "bun";
import { freePort } from "../../server/test/support/net/free-port.ts";
import { program, runtimeEnv } from "../../server/test/support/program.ts";
import type { App } from "../client/signature.ts";
import { compile } from "./compile.ts";
import { serverPin } from "./machine.ts";
import { processTree } from "./process-usage.ts";

export interface Target {
  readonly name: string;
  /** An IPv4 address. */
  readonly host: string;
  readonly port: number;
  readonly app: App;
  /** The process to measure; its children count as well. 0 if it runs on another machine or as another user. */
  readonly pid: number;
  /** Whether clients connect with TLS; they check no certificate. */
  readonly isTls?: boolean;
  /** The proxy in front of the server; its CPU time counts as well. */
  readonly proxyPid?: number;
  /** Set for a server that does not speak the Pusher protocol. */
  readonly dialect?: Dialect;
  /** The features that a server lacks, with the reason; absent for a server that the benchmark starts. */
  readonly missing?: ReadonlyMap<Feature, string>;
  /** Stops it and resolves when it has ended. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** Stops it (SIGKILL by default), and starts it again on the same port with the same data. */
  restart(signal?: NodeJS.Signals): Promise<Target>;
}

export type Feature =
  | "public channels"
  | "private channels"
  | "presence channels"
  | "publishes"
  | "batches"
  | "events";

export interface Dialect {
  /** A complete HTTP request that publishes an event. */
  publish(channel: string, data: string): string;
  /** The flags that compile `load/subscribers.c` for it. */
  readonly subscriberFlags: readonly string[];
}

export type StartTarget = (environment?: Readonly<Record<string, string>>) => Promise<Target>;

const root = resolve(import.meta.dir, "../..");
const app: App = { id: "1001", key: "0123456789abcdef0123", secret: "bench-secret-not-secret" };
const startTimeoutMs = 120_000;
/** Longer than the drain of a server that ends with SIGTERM. */
const endTimeoutMs = 120_000;
const running = new Set<number>();

/** Without npm's variables: a server that finds them watches for the end of npm's shell, and here it would watch this program. */
const inheritedEnv = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith("npm_")),
);

process.on("exit", () => {
  for (const pid of running) killTree(pid);
});
process.on("SIGINT", () => process.exit(130));
process.on("SIGTERM", () => process.exit(143));

/** Starts all of them, and stops them when `use` ends or throws. */
export async function withTargets<T>(
  starts: readonly StartTarget[],
  use: (targets: readonly Target[]) => Promise<T>,
): Promise<T> {
  const targets: Target[] = [];
  try {
    for (const start of starts) targets.push(await start());
    return await use(targets);
  } finally {
    for (const target of targets) await target.stop();
  }
}

export interface Surroundings {
  /** Prefix of the command line, such as `prlimit --nofile=600`. */
  readonly wrap?: readonly string[];
  /** The file that the log is appended to; without it the log is discarded. */
  readonly logFile?: string;
}

/** @param environment options by the names of their environment variables; they override the benchmark's own */
export function startSoketify(
  environment: Readonly<Record<string, string>> = {},
  { wrap = [], logFile }: Surroundings = {},
): Promise<Target> {
  const folder = mkdtempSync(join(tmpdir(), "soketify-bench-"));
  const command = [...wrap, ...program, "start"];
  const environmentFor = (port: number) => ({
    SOKETIFY_HOST: "127.0.0.1",
    SOKETIFY_PORT: String(port),
    SOKETIFY_DATA_DIR: folder,
    SOKETIFY_APP_ID: app.id,
    SOKETIFY_APP_KEY: app.key,
    SOKETIFY_APP_SECRET: app.secret,
    SOKETIFY_LOG_LEVEL: "warn",
    ...environment,
  });
  return start("soketify", command, folder, environmentFor, { logFile });
}

export const startNodeWs: StartTarget = () =>
  start("node ws", ["node", join(root, "bench/peers/node-ws.js")], null, (port) => ({
    PORT: String(port),
    APP_KEY: app.key,
    APP_SECRET: app.secret,
  }));

/** Bun's own HTTP server that answers hello. */
export const startBunHello: StartTarget = () => startBun("bun hello", "bun-hello.ts");

/** The same, but it reads what every publish needs: the request's URL, headers and body. */
export const startBunBody: StartTarget = () => startBun("bun reading a body", "bun-body.ts");

/** Bun's own WebSocket server, without the protocol. */
export const startBunWebSocket: StartTarget = () =>
  start("bun websocket", [process.execPath, join(root, "bench/peers/bun-web-socket.ts")], null, (port) => ({
    PORT: String(port),
  }));

export const startFloor: StartTarget = async () => {
  const port = await freePort();
  return start("floor (C)", [compile("floor/floor.c"), String(port)], null, () => ({}), { port });
};

function startBun(name: string, file: string): Promise<Target> {
  return start(name, [process.execPath, join(root, "bench/peers", file)], null, (port) => ({
    PORT: String(port),
  }));
}

export async function start(
  name: string,
  command: readonly string[],
  folder: string | null,
  environmentFor: (port: number) => Record<string, string>,
  { port: fixedPort, logFile }: { readonly port?: number; readonly logFile?: string | undefined } = {},
): Promise<Target> {
  const port = fixedPort ?? (await freePort());
  const log = logFile === undefined ? null : openSync(logFile, "a");
  const child = Bun.spawn([...serverPin, ...command], {
    cwd: root,
    env: { ...inheritedEnv, ...runtimeEnv, ...environmentFor(port) },
    stdin: "ignore",
    stdout: log ?? "ignore",
    stderr: log ?? "inherit",
  });
  if (log !== null) closeSync(log);
  running.add(child.pid);
  void child.exited.then(() => running.delete(child.pid));
  try {
    await untilListening(name, port, child);
  } catch (error) {
    if (folder !== null) rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (!running.has(child.pid)) return;
    if (signal === "SIGKILL") killTree(child.pid);
    else child.kill(signal);
    await untilEnded(name, port, child);
  };
  return {
    name,
    host: "127.0.0.1",
    port,
    app,
    pid: child.pid,
    async stop(signal = "SIGKILL") {
      await end(signal);
      if (folder !== null) rmSync(folder, { recursive: true, force: true });
    },
    async restart(signal = "SIGKILL") {
      await end(signal);
      return start(name, command, folder, environmentFor, { port, logFile });
    },
  };
}

/** Kills the tree: a launcher passes on other signals, but not SIGKILL. */
function killTree(pid: number): void {
  for (const each of processTree(pid)) process.kill(each, "SIGKILL");
}

/** Waits until the process has ended and the port is free. Kills it and throws after a deadline. */
async function untilEnded(name: string, port: number, child: Subprocess): Promise<void> {
  const deadline = performance.now() + endTimeoutMs;
  // The launcher process may end before the server does.
  while (running.has(child.pid) || (await isListening(port))) {
    if (performance.now() > deadline) {
      if (running.has(child.pid)) killTree(child.pid);
      throw new Error(`${name} did not end and free port ${port} within ${endTimeoutMs} ms`);
    }
    await Bun.sleep(10);
  }
}

async function untilListening(name: string, port: number, child: Subprocess): Promise<void> {
  const deadline = performance.now() + startTimeoutMs;
  while (!(await isListening(port))) {
    if (child.exitCode !== null)
      throw new Error(`${name} exited with ${child.exitCode} before it listened on its port`);
    if (performance.now() > deadline) {
      killTree(child.pid);
      throw new Error(`${name} did not listen on port ${port} within ${startTimeoutMs} ms`);
    }
    await Bun.sleep(10);
  }
}

async function isListening(port: number): Promise<boolean> {
  try {
    const socket = await Bun.connect({ hostname: "127.0.0.1", port, socket: { data: () => undefined } });
    socket.end();
    return true;
  } catch {
    return false;
  }
}
