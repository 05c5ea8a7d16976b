/** The address of Redis, parsed from a URL: one server, a master found through Sentinels, or a Redis Cluster. */

export interface RedisServer {
  readonly host: string;
  readonly port: number;
}

export interface RedisTarget {
  readonly kind: "single" | "sentinel" | "cluster";
  /** The server, the Sentinels, or the seeds of the cluster: at least one. */
  readonly servers: readonly [RedisServer, ...RedisServer[]];
  /** The master's name at the Sentinels; null without Sentinels. */
  readonly masterName: string | null;
  readonly isTls: boolean;
  readonly username: string | null;
  readonly password: string | null;
  /** Always 0 on a Redis Cluster, which has only database 0. */
  readonly database: number;
}

const defaultPort = 6379;
const defaultSentinelPort = 26_379;
const forms =
  "redis://[user:password@]host[:port][/database], rediss:// with TLS, several hosts separated by commas for Sentinel " +
  "(with ?master=NAME) or for a cluster (with ?cluster=true)";

/**
 * Parses a Redis URL.
 *
 * - `redis://:password@10.0.0.4:6379/0`: one server
 * - `redis://a:26379,b:26379,c:26379/0?master=main`: the master named `main` at these Sentinels
 * - `redis://a:7000,b:7000?cluster=true`: a Redis Cluster with these seeds
 *
 * @throws Error with a sentence that says what is wrong and what is expected, without the password
 */
export function readRedisUrl(text: string): RedisTarget {
  const match = /^(rediss?):\/\/(?:([^@/?]*)@)?([^/?]*)(?:\/([^?]*))?(?:\?(.*))?$/.exec(text.trim());
  const [, scheme, login = "", hosts = "", databaseText = "", query = ""] = match ?? [];
  if (scheme === undefined || hosts === "") throw new Error(`A Redis URL must look like ${forms}`);
  const options = new URLSearchParams(query);
  for (const name of options.keys()) {
    if (name !== "master" && name !== "cluster")
      throw new Error(`A Redis URL has no option "${name}": use master or cluster`);
  }
  const masterName = options.get("master") || null;
  const isCluster = readFlag(options.get("cluster"));
  if (masterName !== null && isCluster) throw new Error("A Redis URL may have master or cluster, not both");
  const port = masterName === null ? defaultPort : defaultSentinelPort;
  const [first, ...others] = hosts.split(",").map((host) => readServer(host, port));
  if (first === undefined) throw new Error(`A Redis URL must look like ${forms}`);
  if (others.length > 0 && masterName === null && !isCluster)
    throw new Error(
      "Several Redis hosts must be Sentinels or a Redis Cluster: add ?master=NAME or ?cluster=true to the URL",
    );
  const database = readDatabase(databaseText);
  if (isCluster && database !== 0)
    throw new Error("A Redis Cluster has only database 0: leave it out of the URL");
  const separator = login.indexOf(":");
  const [username, password] =
    separator < 0 ? [login, ""] : [login.slice(0, separator), login.slice(separator + 1)];
  return {
    kind: isCluster ? "cluster" : masterName === null ? "single" : "sentinel",
    servers: [first, ...others],
    masterName,
    isTls: scheme === "rediss",
    username: decode(username) || null,
    password: decode(password) || null,
    database,
  };
}

function readFlag(text: string | null): boolean {
  if (text === null || text === "false") return false;
  if (text === "true" || text === "") return true;
  throw new Error(`cluster in a Redis URL must be true or false, not "${text}"`);
}

function readServer(text: string, portWithout: number): RedisServer {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d+))?$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const number = port === undefined ? portWithout : Number(port);
  if (host === undefined || number < 1 || number > 65_535)
    throw new Error(`"${text}" in a Redis URL must be host or host:port, with an IPv6 address in brackets`);
  return { host, port: number };
}

function readDatabase(text: string): number {
  if (text === "") return 0;
  if (/^\d{1,5}$/.test(text)) return Number(text);
  throw new Error(`The database in a Redis URL must be a number such as 0, not "${text}"`);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Error("The user or the password in a Redis URL is not percent-encoded correctly");
  }
}
