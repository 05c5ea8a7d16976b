/** The checks of `soketify doctor` for Redis. */
import type { RedisConnection } from "../../cluster/redis-connection.ts";
import { systemClock } from "../../composition/system-clock.ts";
import { clockOffsetMsMax } from "./finding.ts";

/** The properties of one server; of a Redis Cluster, of one master. */
export interface RedisState {
  /** `Redis` or `Valkey`. */
  readonly product: string;
  /** The version of the product, such as `8.0.1`. */
  readonly version: string;
  /** The version of Redis with which its commands are compatible. */
  readonly compatibleVersion: string;
  readonly evictionPolicy: string;
  readonly usedBytes: number;
  /** 0: no limit. */
  readonly bytesMax: number;
  /** How far the clock of this machine is ahead of the server's. */
  readonly clockOffsetMs: number;
  /** The median round trip time. */
  readonly roundTripMs: number;
}

export interface Problem {
  readonly detail: string;
  readonly fix: string;
}

const majorVersionMin = 7;
const roundTripMsMax = 20;
const memoryShareMax = 0.9;
const pings = 9;
const answerMsMax = 10_000;

/**
 * Reads the state of every master.
 * @throws Error with a sentence if one cannot be reached, is not a master, or does not answer in time
 */
export async function readRedis(url: string): Promise<RedisState[]> {
  const { connectRedis } = await import("../../cluster/redis-connection.ts");
  const { readRedisUrl } = await import("../../cluster/redis-target.ts");
  const lost = Promise.withResolvers<never>();
  // A failure while connecting is thrown by `connectRedis` too.
  lost.promise.catch(() => undefined);
  const connection = await connectRedis(readRedisUrl(url), systemClock, lost.reject);
  const timer = setTimeout(() => lost.reject(new Error("Redis does not answer")), answerMsMax);
  try {
    return await Promise.race([statesOf(connection), lost.promise]);
  } finally {
    clearTimeout(timer);
    connection.close();
  }
}

/** The properties that would harm a cluster of Soketify nodes. */
export function problemsOf(state: RedisState): Problem[] {
  const { product, version, compatibleVersion, evictionPolicy, usedBytes, bytesMax } = state;
  const { clockOffsetMs, roundTripMs } = state;
  const problems: (Problem | false)[] = [
    Number.parseInt(compatibleVersion, 10) < majorVersionMin && {
      detail: `${product} ${version} lacks sharded pub/sub`,
      fix: `Use Redis ${majorVersionMin} or later, or Valkey.`,
    },
    evictionPolicy !== "noeviction" && {
      detail: `with the eviction policy ${evictionPolicy} a full Redis silently drops members and stored events`,
      fix: "Set maxmemory-policy to noeviction: in redis.conf, or with CONFIG SET maxmemory-policy noeviction.",
    },
    bytesMax > 0 &&
      usedBytes > memoryShareMax * bytesMax && {
        detail: `${Math.round((100 * usedBytes) / bytesMax)} % of its memory limit are in use; a full Redis refuses publishes and joins`,
        fix: "Raise maxmemory, or give Soketify its own Redis.",
      },
    Math.abs(clockOffsetMs) > clockOffsetMsMax && {
      detail: `the clock of this machine differs by ${clockOffsetMs} ms from its clock`,
      fix: "Run a time service such as chrony on both machines.",
    },
    roundTripMs > roundTripMsMax && {
      detail: `a round trip takes ${roundTripMs.toFixed(1)} ms, and each publish and join at least as long`,
      fix: "Run Redis in the same network as the nodes, and give it its own core.",
    },
  ];
  return problems.filter((one) => one !== false);
}

/** Such as `Redis 7.2.4, round trip 0.3 ms, clock within 2 ms`. */
export function describeRedis({ product, version, roundTripMs, clockOffsetMs }: RedisState): string {
  const clock = `clock within ${Math.abs(clockOffsetMs)} ms`;
  return `${product} ${version}, round trip ${roundTripMs.toFixed(1)} ms, ${clock}`;
}

async function statesOf(connection: RedisConnection): Promise<RedisState[]> {
  const infos = await connection.askMasters(["INFO"]);
  const askedAtMs = Date.now();
  const times = await connection.askMasters(["TIME"]);
  const middleMs = (askedAtMs + Date.now()) / 2;
  const roundTripMs = await medianRoundTripMs(connection);
  return infos.map((info, index) => {
    const fields = fieldsOf(String(info));
    const field = (name: string) => fields.get(name) ?? "";
    const [seconds, microseconds] = times[index] as [string, string];
    const theirMs = Number(seconds) * 1_000 + Number(microseconds) / 1_000;
    const isValkey = field("server_name") === "valkey";
    return {
      product: isValkey ? "Valkey" : "Redis",
      version: field(isValkey ? "valkey_version" : "redis_version"),
      compatibleVersion: field("redis_version"),
      evictionPolicy: field("maxmemory_policy"),
      usedBytes: Number(field("used_memory")),
      bytesMax: Number(field("maxmemory")),
      clockOffsetMs: Math.round(middleMs - theirMs),
      roundTripMs,
    };
  });
}

async function medianRoundTripMs(connection: RedisConnection): Promise<number> {
  const tookMs: number[] = [];
  for (let count = 0; count < pings; count++) {
    const startedAtMs = performance.now();
    await connection.askMasters(["PING"]);
    tookMs.push(performance.now() - startedAtMs);
  }
  return tookMs.toSorted((one, other) => one - other)[Math.floor(pings / 2)] ?? 0;
}

function fieldsOf(info: string): Map<string, string> {
  const lines = info.split("\r\n").filter((line) => line.includes(":"));
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1)]));
}
