/**
 * Separate Redis servers for tests, in temporary folders on free ports: one, a cluster of three masters, or with
 * Sentinels.
 */
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../net/free-port.ts";
import type { CertificateFiles } from "../net/make-certificate.ts";
import { until } from "../until.ts";
import { DatabaseProcess } from "./database-process.ts";
import { run } from "./run.ts";

type RedisServer = DatabaseProcess & { readonly port: number };

/** @param args further options of `redis-server`, such as `--cluster-enabled yes` */
export function startRedis(...args: string[]): Promise<RedisServer> {
  return startPlain(args, false);
}

/** A server that the test files of this process use one after another. It ends with this process. */
export function startSharedRedis(): Promise<RedisServer> {
  return startPlain([], true);
}

async function startPlain(args: readonly string[], isShared: boolean): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), "soketify-redis-"));
  const port = await freePort();
  const bind = ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder];
  const command = ["redis-server", ...bind, "--save", "", "--appendonly", "no", ...args];
  return startOn(port, folder, command, isShared);
}

/** A server that also accepts TLS, with this certificate for `localhost`. Its `url` and `port` are those with TLS. */
export async function startRedisWithTls({ certificate, key }: CertificateFiles) {
  const port = await freePort();
  const files = ["--tls-cert-file", certificate, "--tls-key-file", key, "--tls-ca-cert-file", certificate];
  const server = await startRedis("--tls-port", String(port), "--tls-auth-clients", "no", ...files);
  return Object.assign(server, { url: `rediss://localhost:${port}`, port });
}

async function startOn(
  port: number,
  folder: string,
  command: string[],
  isShared = false,
): Promise<RedisServer> {
  const ping = () => run("redis-cli", "-p", String(port), "ping");
  const server = new DatabaseProcess(`redis://127.0.0.1:${port}`, folder, command, ping, isShared);
  await server.start();
  return Object.assign(server, { port });
}

export interface RedisSentinelServers {
  readonly url: string;
  /** Kills the master. */
  killMaster(): Promise<void>;
  remove(): Promise<void>;
}

/**
 * A master and a replica with a password, and three Sentinels without one, which detect a lost master after a second.
 */
export async function startRedisSentinels(): Promise<RedisSentinelServers> {
  const password = "of-the-servers-alone";
  const login = ["--requirepass", password, "--masterauth", password];
  await using started = new AsyncDisposableStack();
  const kept = <Server extends DatabaseProcess>(server: Server) =>
    started.adopt(server, (one) => one.remove());
  const master = kept(await startRedis(...login));
  const replica = kept(await startRedis(...login, "--replicaof", "127.0.0.1", String(master.port)));
  await until("the replica to follow", async () => {
    const role = await Bun.$`redis-cli -a ${password} -p ${replica.port} role`.quiet().text();
    return role.includes("connected");
  });
  const starting = Array.from({ length: 3 }, async () =>
    kept(await startSentinel(master.port, `sentinel auth-pass main ${password}`)),
  );
  const sentinels = await allOf(starting);
  const hosts = sentinels.map(({ port }) => `127.0.0.1:${port}`);
  await until("the Sentinels to know the replica and each other", async () => {
    const asked = sentinels.map(({ port }) =>
      Bun.$`redis-cli -p ${port} sentinel ckquorum main`.nothrow().text(),
    );
    const known = sentinels.map(({ port }) => Bun.$`redis-cli -p ${port} sentinel replicas main`.text());
    const quorums = await Promise.all(asked);
    return (
      quorums.every((answer) => answer.startsWith("OK 3")) &&
      (await Promise.all(known)).every((answer) => answer.includes(String(replica.port)))
    );
  });
  const running = started.move();
  return {
    url: `redis://:${password}@${hosts.join(",")}?master=main`,
    killMaster: () => master.stop(),
    remove: () => running.disposeAsync(),
  };
}

/** A Sentinel of a master with the name `main`. @param more further lines of its configuration */
export async function startSentinel(masterPort: number, ...more: readonly string[]) {
  const folder = await mkdtemp(join(tmpdir(), "soketify-sentinel-"));
  const port = await freePort();
  const file = join(folder, "sentinel.conf");
  const lines = [
    `port ${port}`,
    "bind 127.0.0.1",
    `dir ${folder}`,
    `sentinel monitor main 127.0.0.1 ${masterPort} 2`,
    "sentinel down-after-milliseconds main 1000",
    "sentinel failover-timeout main 5000",
    ...more,
  ];
  await writeFile(file, `${lines.join("\n")}\n`);
  return startOn(port, folder, ["redis-server", file, "--sentinel"]);
}

export interface RedisClusterServers {
  readonly url: string;
  remove(): Promise<void>;
}

/** A Redis Cluster of three masters without replicas. */
export async function startRedisCluster(): Promise<RedisClusterServers> {
  await using started = new AsyncDisposableStack();
  const servers = await allOf(
    Array.from({ length: 3 }, async () => {
      const busPort = await freePort();
      const server = await startRedis("--cluster-enabled", "yes", "--cluster-port", String(busPort));
      return started.adopt(server, (one) => one.remove());
    }),
  );
  const addresses = servers.map(({ port }) => `127.0.0.1:${port}`);
  await run("redis-cli", "--cluster", "create", ...addresses, "--cluster-yes");
  for (const { port } of servers)
    await until("the cluster", async () => {
      const info = await Bun.$`redis-cli -p ${port} cluster info`.text();
      return info.includes("cluster_state:ok");
    });
  const running = started.move();
  return {
    url: `redis://${addresses.join(",")}?cluster=true`,
    remove: () => running.disposeAsync(),
  };
}

/** Like Promise.all, but waits for all of them even if one fails, so that the others can be removed. */
async function allOf<Value>(promises: readonly Promise<Value>[]): Promise<Value[]> {
  await Promise.allSettled(promises);
  return Promise.all(promises);
}
