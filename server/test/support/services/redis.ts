/** Redis servers of the test's own, in temporary folders on free ports: one, or a cluster of three masters. */
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../free-port.ts";
import { until } from "../until.ts";
import { DatabaseProcess } from "./database-process.ts";
import { run } from "./run.ts";

/** @param args further options of `redis-server`, such as `--cluster-enabled yes` */
export async function startRedis(...args: string[]): Promise<DatabaseProcess & { readonly port: number }> {
  const folder = await mkdtemp(join(tmpdir(), "soketify-redis-"));
  const port = await freePort();
  const server = new DatabaseProcess(
    `redis://127.0.0.1:${port}`,
    folder,
    [
      ...["redis-server", "--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--save", ""],
      ...["--appendonly", "no", ...args],
    ],
    () => run("redis-cli", "-p", String(port), "ping"),
  );
  await server.start();
  return Object.assign(server, { port });
}

export interface RedisClusterServers {
  readonly url: string;
  remove(): Promise<void>;
}

/** A Redis Cluster of three masters without replicas. */
export async function startRedisCluster(): Promise<RedisClusterServers> {
  const servers = await Promise.all(
    Array.from({ length: 3 }, async () => {
      const busPort = await freePort();
      return startRedis("--cluster-enabled", "yes", "--cluster-port", String(busPort));
    }),
  );
  const addresses = servers.map(({ port }) => `127.0.0.1:${port}`);
  await run("redis-cli", "--cluster", "create", ...addresses, "--cluster-yes");
  for (const { port } of servers)
    await until("the cluster", async () => {
      const info = await Bun.$`redis-cli -p ${port} cluster info`.text();
      return info.includes("cluster_state:ok");
    });
  return {
    url: `redis://${addresses.join(",")}?cluster=true`,
    remove: async () => void (await Promise.all(servers.map((server) => server.remove()))),
  };
}
