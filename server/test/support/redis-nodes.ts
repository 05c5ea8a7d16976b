/** Nodes of a cluster without transports: only the suppliers on Redis. */
import { randomUUID } from "node:crypto";
import pino from "pino";
import type { ClusterLoss } from "../../src/cluster/redis-broker.ts";
import { createRedisSuppliers, type RedisSuppliers } from "../../src/cluster/redis-suppliers.ts";
import { systemClock } from "../../src/composition/system-clock.ts";
import type { Clock } from "../../src/core/ports/clock.ts";
import type { GraceOf } from "../../src/core/ports/roster.ts";

const log = pino({ level: process.env.TEST_LOG ?? "silent" });

/** A new prefix, which is equivalent to an empty engine. */
export function freshPrefix(): string {
  return `test-${randomUUID()}:`;
}

export async function openRedisNode(
  url: string,
  keyPrefix: string,
  loss: ClusterLoss = "local",
  historyChannelBytesMax = 1_000_000,
  installation = "test",
  graceOf: GraceOf = () => 0,
  clock: Clock = systemClock,
): Promise<RedisSuppliers> {
  const suppliers = createRedisSuppliers(
    { url, keyPrefix, loss, historyChannelBytesMax, graceOf, installation: async () => installation },
    clock,
    log,
  );
  await suppliers.link.start((reason) => {
    throw reason;
  });
  return suppliers;
}
