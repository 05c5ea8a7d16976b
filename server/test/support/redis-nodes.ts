/** Nodes of a cluster without doors: the suppliers on Redis alone. */
import { randomUUID } from "node:crypto";
import pino from "pino";
import { RedisBroker } from "../../src/cluster/redis-broker.ts";
import { RedisChannels } from "../../src/cluster/redis-channels.ts";
import { RedisKeys } from "../../src/cluster/redis-keys.ts";
import { RedisLink } from "../../src/cluster/redis-link.ts";
import { RedisRoster } from "../../src/cluster/redis-roster.ts";
import { readRedisUrl } from "../../src/cluster/redis-target.ts";
import { RedisUsers } from "../../src/cluster/redis-users.ts";
import { systemClock } from "../../src/composition/system-clock.ts";

export interface RedisNode {
  readonly link: RedisLink;
  readonly broker: RedisBroker;
  readonly roster: RedisRoster;
}

const log = pino({ level: process.env.TEST_LOG ?? "silent" });

/** A prefix that no other test uses: the same as an empty engine. */
export function freshPrefix(): string {
  return `test-${randomUUID()}:`;
}

export async function openRedisNode(
  url: string,
  prefix: string,
  loss: "local" | "refuse" = "local",
): Promise<RedisNode> {
  const link = new RedisLink({
    ...{ target: readRedisUrl(url), keys: new RedisKeys(prefix), clock: systemClock, log },
  });
  const channels = new RedisChannels(link, systemClock);
  const broker = new RedisBroker(link, channels, { loss, historyChannelBytesMax: 1_000_000 });
  const roster = new RedisRoster(link, channels, new RedisUsers(link, () => channels.line), systemClock);
  await link.start();
  return { link, broker, roster };
}
