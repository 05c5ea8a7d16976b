/** Two connections to Redis, one for commands and one for subscriptions. RedisLink reconnects them. */
import { createClient, createCluster, ErrorReply } from "redis";
import type { Clock } from "../core/ports/clock.ts";
import type { RedisServer, RedisTarget } from "./redis-target.ts";
import { completeTracingChannels } from "./redis-tracing.ts";

export type OnLine = (message: string, name: string) => void;

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
  /**
   * Subscribes to sharded channels, with as few commands as the kind of server allows. `onLine` is called synchronously
   * for each message, in the order of each channel.
   */
  subscribe(names: readonly string[], onLine: OnLine): Promise<void>;
  unsubscribe(names: readonly string[], onLine: OnLine): Promise<void>;
  close(): void;
}

/** For the TCP connection, and then for the answers to the first commands. */
const connectTimeoutMs = 5_000;

type Timer = Pick<Clock, "after">;

completeTracingChannels();

/**
 * @param lost called once, with the reason, when either connection is lost
 * @throws Error if a server refuses, is no master, or does not answer in time
 */
export async function connectRedis(
  target: RedisTarget,
  timer: Timer,
  lost: (error: Error) => void,
): Promise<RedisConnection> {
  if (target.kind === "cluster") return connectCluster(target, timer, lost);
  const server = target.kind === "sentinel" ? await findMaster(target, timer) : target.servers[0];
  return connectServer(target, server, timer, lost);
}

/** Closes the clients and throws if their work is late, because a command without an answer would wait forever. */
async function inTime<T>(
  { host, port }: RedisServer,
  timer: Timer,
  work: Promise<T>,
  close: () => void,
): Promise<T> {
  const late = Promise.withResolvers<never>();
  const cancel = timer.after(2 * connectTimeoutMs, () => {
    late.reject(new Error(`${host}:${port} does not answer`));
    close();
  });
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    cancel();
  }
}

function optionsOf(target: RedisTarget) {
  const socket = { reconnectStrategy: false, connectTimeout: connectTimeoutMs } as const;
  return {
    socket: target.isTls ? ({ ...socket, tls: true } as const) : socket,
    ...(target.username === null ? {} : { username: target.username }),
    ...(target.password === null ? {} : { password: target.password }),
    disableOfflineQueue: true,
    disableClientInfo: true,
    // The library would set a timer for each command, half of what a command costs. The link's probe detects a mute
    // connection instead.
    commandOptions: { timeout: 0 },
    RESP: 2 as const,
  };
}

async function connectServer(
  target: RedisTarget,
  server: RedisServer,
  timer: Timer,
  lost: (error: Error) => void,
): Promise<RedisConnection> {
  const { socket, ...rest } = optionsOf(target);
  const options = { ...rest, socket: { ...socket, ...server }, database: target.database };
  const commands = createClient(options);
  const subscriptions = createClient(options);
  const both = [commands, subscriptions];
  function close(): void {
    for (const one of both) if (one.isOpen) one.destroy();
  }
  let isLost = false;
  for (const one of both)
    one.on("error", (error: Error) => {
      if (isLost) return;
      isLost = true;
      lost(error);
    });
  async function open(): Promise<void> {
    await Promise.all(both.map((one) => one.connect()));
    await requireMaster(commands.sendCommand(["ROLE"]), server);
  }
  try {
    await inTime(server, timer, open(), close);
  } catch (error) {
    isLost = true;
    close();
    throw error;
  }
  return {
    send: (_, args) => commands.sendCommand([...args]),
    askMasters: async (args) => [await commands.sendCommand([...args])],
    load: async (script) => String(await commands.sendCommand(["SCRIPT", "LOAD", script])),
    subscribe: (names, onLine) => subscriptions.sSubscribe([...names], onLine),
    unsubscribe: (names, onLine) => subscriptions.sUnsubscribe([...names], onLine),
    close,
  };
}

async function requireMaster(role: Promise<unknown>, { host, port }: RedisServer): Promise<void> {
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
  const { socket, ...rest } = optionsOf(target);
  const sentinel = createClient({ ...rest, socket: { ...socket, ...server } });
  // Errors also reject the calls below.
  sentinel.on("error", () => undefined);
  const name = target.masterName ?? "";
  async function ask(): Promise<[string, string] | null> {
    await sentinel.connect();
    return await sentinel.sendCommand(["SENTINEL", "GET-MASTER-ADDR-BY-NAME", name]);
  }
  function close(): void {
    if (sentinel.isOpen) sentinel.destroy();
  }
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

async function connectCluster(
  target: RedisTarget,
  timer: Timer,
  lost: (error: Error) => void,
): Promise<RedisConnection> {
  const { socket, ...rest } = optionsOf(target);
  const cluster = createCluster({
    // `destroy` does not reach the connections that ask for the slots: a silent one ends by itself.
    rootNodes: target.servers.map((server) => ({
      socket: { ...socket, ...server, socketTimeout: connectTimeoutMs },
    })),
    defaults: { ...rest, socket },
    commandOptions: rest.commandOptions,
    RESP: rest.RESP,
  });
  let isLost = false;
  for (const event of ["error", "node-error"])
    cluster.on(event, (error: Error) => {
      if (isLost) return;
      isLost = true;
      lost(error);
    });
  try {
    await inTime(target.servers[0], timer, cluster.connect(), () => cluster.destroy());
  } catch (error) {
    isLost = true;
    cluster.destroy();
    throw error;
  }
  const askMasters = (args: readonly string[]) =>
    Promise.all(
      cluster.masters.map(async (master) => {
        const client = await cluster.nodeClient(master);
        return client.sendCommand([...args]) as Promise<unknown>;
      }),
    );
  return {
    send: (key, args) => cluster.sendCommand(key, false, [...args]),
    askMasters,
    async load(script) {
      const [hash] = await askMasters(["SCRIPT", "LOAD", script]);
      if (hash === undefined) throw new Error("The Redis Cluster has no master");
      return String(hash);
    },
    async subscribe(names, onLine) {
      await Promise.all(bySlot(names).map((group) => cluster.sSubscribe(group, onLine)));
    },
    async unsubscribe(names, onLine) {
      await Promise.all(bySlot(names).map((group) => cluster.sUnsubscribe(group, onLine)));
    },
    close: () => cluster.destroy(),
  };
}

/** Groups names by hash tag, because a Redis Cluster accepts only names of the same slot in one command. */
function bySlot(names: readonly string[]): string[][] {
  const groups = new Map<string, string[]>();
  for (const name of names) {
    const tag = /\{(.+?)\}/.exec(name)?.[1] ?? name;
    const group = groups.get(tag);
    if (group === undefined) groups.set(tag, [name]);
    else group.push(name);
  }
  return [...groups.values()];
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
