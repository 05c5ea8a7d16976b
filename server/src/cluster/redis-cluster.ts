/** The connections to the masters of a Redis Cluster, by the library `redis`, which follows moved slots. */
import { createCluster, ErrorReply as LibraryErrorReply } from "redis";
import type { Clock } from "../core/ports/clock.ts";
import { inTime } from "./in-time.ts";
import type { RedisConnection } from "./redis-connection.ts";
import type { RedisListener } from "./redis-socket.ts";
import type { RedisTarget } from "./redis-target.ts";
import { completeTracingChannels } from "./redis-tracing.ts";
import { ErrorReply } from "./resp.ts";

/** For the TCP connection, and then for the answers to the first commands. */
const connectTimeoutMs = 5_000;

completeTracingChannels();

/** @throws Error if a server refuses or does not answer in time */
export async function connectCluster(
  target: RedisTarget,
  timer: Pick<Clock, "after">,
  { lost, onLine }: RedisListener,
): Promise<RedisConnection> {
  const cluster = createLibraryCluster(target);
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
    ).catch(throwOwn);
  return {
    send: (key, args) => cluster.sendCommand(key, false, [...args]).catch(throwOwn),
    askMasters,
    async load(script) {
      const [hash] = await askMasters(["SCRIPT", "LOAD", script]);
      if (hash === undefined) throw new Error("The Redis Cluster has no master");
      return String(hash);
    },
    async subscribe(names) {
      await Promise.all(bySlot(names).map((group) => cluster.sSubscribe(group, onLine)));
    },
    async unsubscribe(names) {
      await Promise.all(bySlot(names).map((group) => cluster.sUnsubscribe(group, onLine)));
    },
    close: () => cluster.destroy(),
  };
}

function createLibraryCluster({ servers, isTls, username, password }: RedisTarget) {
  const plain = { reconnectStrategy: false, connectTimeout: connectTimeoutMs } as const;
  const socket = isTls ? ({ ...plain, tls: true } as const) : plain;
  // The library would set a timer for each command, half of what a command costs. The link's probe detects a mute
  // connection instead.
  const commandOptions = { timeout: 0 };
  const defaults = {
    socket,
    ...(username !== null && { username }),
    ...(password !== null && { password }),
    ...{ disableOfflineQueue: true, disableClientInfo: true, commandOptions },
  };
  return createCluster({
    // `destroy` does not reach the connections that ask for the slots: a silent one ends by itself.
    rootNodes: servers.map((server) => ({
      socket: { ...socket, ...server, socketTimeout: connectTimeoutMs },
    })),
    ...{ defaults, commandOptions, RESP: 2 },
  });
}

function throwOwn(error: unknown): never {
  throw error instanceof LibraryErrorReply ? new ErrorReply(error.message) : error;
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
