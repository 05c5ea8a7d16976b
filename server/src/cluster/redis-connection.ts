/** Two connections to Redis, one for commands and one for subscriptions. RedisLink reconnects them. */
import type { Clock } from "../core/ports/clock.ts";
import { inTime } from "./in-time.ts";
import { type RedisListener, RedisSocket } from "./redis-socket.ts";
import type { RedisServer, RedisTarget } from "./redis-target.ts";
import { ErrorReply, type Reply } from "./resp.ts";

/** An open connection. It must not be used after `lost` was called. */
export interface RedisConnection {
  /**
   * Sends a command. Commands of one turn of the event loop are sent in one write. Commands for one key are executed
   * in the order of the calls.
   * @param key selects the server of a Redis Cluster
   */
  send(key: string, args: readonly string[]): Promise<unknown>;
  /** Sends a command without a key to every master, and returns their answers. */
  askMasters(args: readonly string[]): Promise<unknown[]>;
  /** Loads a script on every master, so that it can be called by its hash. Returns the hash. */
  load(script: string): Promise<string>;
  /** Subscribes to sharded channels, with as few commands as the kind of server allows. */
  subscribe(names: readonly string[]): Promise<void>;
  unsubscribe(names: readonly string[]): Promise<void>;
  close(): void;
}

type Timer = Pick<Clock, "after">;

/**
 * @param listener its `lost` is called once, with the reason, when either connection is lost
 * @throws Error if a server refuses, is no master, or does not answer in time
 */
export async function connectRedis(
  target: RedisTarget,
  timer: Timer,
  listener: RedisListener,
): Promise<RedisConnection> {
  if (target.kind === "cluster") {
    const { connectCluster } = await import("./redis-cluster.ts");
    return connectCluster(target, timer, listener);
  }
  const server = target.kind === "sentinel" ? await findMaster(target, timer) : target.servers[0];
  return connectServer(target, server, timer, listener);
}

async function connectServer(
  target: RedisTarget,
  server: RedisServer,
  timer: Timer,
  { lost, onLine }: RedisListener,
): Promise<RedisConnection> {
  let isLost = false;
  const listener: RedisListener = {
    onLine,
    lost(error) {
      if (isLost) return;
      isLost = true;
      lost(error);
    },
  };
  const commands = new RedisSocket(server, target.isTls, listener);
  const subscriptions = new RedisSocket(server, target.isTls, listener);
  function close(): void {
    for (const one of [commands, subscriptions]) one.close();
  }
  async function open(): Promise<void> {
    await Promise.all([commands, subscriptions].map((one) => logIn(one, target, timer)));
    await requireMaster(commands.send(["ROLE"]), server);
  }
  try {
    await inTime(server, timer, open(), close);
  } catch (error) {
    isLost = true;
    close();
    throw error;
  }
  return {
    send: (_, args) => commands.send(args),
    askMasters: async (args) => [await commands.send(args)],
    load: async (script) => String(await commands.send(["SCRIPT", "LOAD", script])),
    subscribe: (names) => subscriptions.subscribe(names),
    unsubscribe: (names) => subscriptions.unsubscribe(names),
    close,
  };
}

/** Connects, and selects the user and the database. */
async function logIn(
  socket: RedisSocket,
  { username, password, database }: RedisTarget,
  timer: Timer,
): Promise<void> {
  await socket.connect(timer);
  const first: Promise<Reply>[] = [];
  if (username !== null || password !== null)
    first.push(socket.send(["AUTH", ...(username === null ? [] : [username]), password ?? ""]));
  if (database !== 0) first.push(socket.send(["SELECT", String(database)]));
  await Promise.all(first);
}

async function requireMaster(role: Promise<Reply>, { host, port }: RedisServer): Promise<void> {
  const [name] = (await role) as [string];
  if (name !== "master") throw new Error(`The Redis server ${host}:${port} is a ${name}, not a master`);
}

async function findMaster(target: RedisTarget, timer: Timer): Promise<RedisServer> {
  let problem: unknown = null;
  for (const server of target.servers) {
    try {
      return await askSentinel(target, server, timer);
    } catch (error) {
      problem = error;
    }
  }
  throw new Error(`No Sentinel returned a master: ${problem instanceof Error ? problem.message : problem}`);
}

/**
 * Connects to a Sentinel with the user and the password of the master. Tries again without them if the Sentinel refuses
 * them.
 */
async function askSentinel(target: RedisTarget, server: RedisServer, timer: Timer): Promise<RedisServer> {
  // A lost connection also rejects the calls below.
  const sentinel = new RedisSocket(server, target.isTls, { onLine: () => undefined, lost: () => undefined });
  const name = target.masterName ?? "";
  async function ask(): Promise<[string, string] | null> {
    await logIn(sentinel, { ...target, database: 0 }, timer);
    return (await sentinel.send(["SENTINEL", "GET-MASTER-ADDR-BY-NAME", name])) as [string, string] | null;
  }
  const close = () => sentinel.close();
  try {
    const found = await inTime(server, timer, ask(), close);
    if (found !== null) return { host: found[0], port: Number(found[1]) };
    throw new Error(`The Sentinel ${server.host}:${server.port} has no master named "${name}"`);
  } catch (error) {
    if (target.password === null || !isAboutPassword(error)) throw error;
    return await askSentinel({ ...target, username: null, password: null }, server, timer);
  } finally {
    close();
  }
}

function isAboutPassword(error: unknown): boolean {
  return error instanceof ErrorReply && /^(ERR AUTH|WRONGPASS)/.test(error.message);
}

/**
 * Error answers of a server that is unavailable: it was demoted, is loading its data, lost its scripts, or a Redis
 * Cluster executed calls in another order (see redis-scripts.ts).
 */
const unusable = /^(READONLY|LOADING|MASTERDOWN|CLUSTERDOWN|NOSCRIPT|MISCONF|STALE)/;

/** Whether Redis answered the command with an error, so that the connection itself works. */
export function isReply(error: unknown): boolean {
  return error instanceof ErrorReply && !unusable.test(error.message);
}
