import { z } from "zod";
import { connectionOptions } from "./connection-options.ts";
import { hostSchema } from "./host.ts";
import { loginOptions } from "./login-options.ts";
import { memoryOptions } from "./memory-options.ts";
import {
  choice,
  number,
  numberSchema,
  type Option,
  option,
  optionalPort,
  optionalText,
  text,
  toggle,
} from "./option.ts";
import { webhookEndpointOptions, webhookOptions } from "./webhook-options.ts";

const mebibyte = 1_048_576;
/**
 * The share of memory above which the server is unready. An idle connection uses about as much kernel memory as
 * process memory, and a container's limit includes both.
 */
const memoryShare = 0.7;
/**
 * The minimum of that limit. A server that has just started uses 100 MiB, half of them reclaimable file pages, so a
 * smaller limit would make it unready.
 */
const memoryBytesLeast = 128 * mebibyte;

const baseUrl = {
  pattern: /^https?:\/\/[^\s/?#]+\/?$/,
  isRight: (url: string) => URL.canParse(url),
};
const token = /^[\x21-\x7e]{16,512}$/;

export const options = {
  host: option(
    hostSchema,
    "an address such as 0.0.0.0 or ::1, without a zone such as %eth0, or a host name",
    "Address to listen on; :: means all IPv6 and IPv4 addresses",
    { default: "0.0.0.0" },
  ),
  port: number(6001, 0, 65_535, "Port to listen on; 0: any free port"),
  publicUrl: optionalText("URL at which clients reach this server, if it is behind a proxy", {
    ...baseUrl,
    expected:
      "a URL without a path, such as https://ws.example.com or http://[::1]:6001 (a path is pathPrefix)",
  }),
  pathPrefix: option(
    z.string().regex(/^(|(\/[A-Za-z0-9._~-]+)+)$/),
    "empty, or a path such as /realtime",
    "Path before every route, such as /realtime",
    { default: "", defaultText: "none" },
  ),
  environment: choice(
    ["production", "development"],
    "Development allows webhooks to plain http and logs in a readable format",
    {
      default: ({ env }) => (env.NODE_ENV === "production" ? "production" : "development"),
      defaultText: "production if NODE_ENV is production, else development",
    },
  ),

  dataDir: text("./data", "Folder of the SQLite database and of the master key"),
  databaseUrl: optionalText("Database to use instead of SQLite: postgres://… or mysql://…", {
    pattern: /^(postgres|postgresql|mysql|mariadb):\/\/\S+$/,
    expected: "a URL that starts with postgres://, mysql:// or mariadb://",
    isSecret: true,
  }),
  tablePrefix: option(
    z.string().regex(/^([a-z][a-z0-9_]{0,19})?$/),
    "at most 20 lower-case letters, digits and _, starting with a letter, such as soketify_",
    "Prefix of all table names, for a database that is shared with other programs, such as soketify_",
    { default: "", defaultText: "none" },
  ),
  redisUrl: optionalText(
    "Redis through which several nodes form one cluster: redis://…, rediss://…, with ?master=NAME for Sentinels or ?cluster=true",
    {
      pattern: /^rediss?:\/\/\S+$/,
      expected: "a URL that starts with redis:// or rediss://",
      isSecret: true,
    },
  ),
  redisKeyPrefix: option(
    z.string().regex(/^[A-Za-z0-9:._-]{1,64}$/),
    "1 to 64 letters, digits or one of : . _ -",
    "Prefix of all key names in Redis; each installation that shares a Redis needs its own",
    { default: "soketify:" },
  ),
  clusterLoss: choice(
    ["local", "refuse"],
    "What a publish does while Redis is unreachable. local: deliver to the subscribers of this node; refuse: answer 503",
  ),
  nodeName: optionalText("Name of this node among several; otherwise the host name of its machine", {
    pattern: /^[A-Za-z0-9._-]{1,64}$/,
    expected: "1 to 64 letters, digits or one of . _ -",
  }),
  workers: number(
    1,
    1,
    64,
    "Processes on this machine that share the port, each a node of the cluster; more than one needs redisUrl and Linux",
  ),
  masterKey: optionalText("Key that encrypts the secrets in the database: 32 bytes in base64 or hex", {
    pattern: /^([0-9a-fA-F]{64}|[A-Za-z0-9+/_-]{43}=?)$/,
    expected: "32 bytes in base64 or hex, such as `openssl rand -base64 32` prints",
    isSecret: true,
  }),

  appId: optionalText("Id of an app that is created at the start; with appKey and appSecret", {
    pattern: /^[A-Za-z0-9_-]{1,64}$/,
    expected: "1 to 64 letters, digits, _ or -",
  }),
  appKey: optionalText("Key of that app", {
    pattern: /^[A-Za-z0-9_-]{1,100}$/,
    expected: "1 to 100 letters, digits, _ or -",
  }),
  appSecret: optionalText("Secret of that app", {
    pattern: /^[\x21-\x7e]{1,200}$/,
    expected: "1 to 200 visible ASCII characters without a space",
    isSecret: true,
  }),
  ...webhookEndpointOptions,
  ...loginOptions,
  dashboardEnabled: toggle(true, "Serve the dashboard at /dashboard"),
  dashboardPort: optionalPort(
    "Separate port for the dashboard and the admin API, which are then not on the main port",
  ),
  dashboardUrl: optionalText("URL at which people reach the dashboard, if it is not publicUrl", {
    ...baseUrl,
    expected: "a URL without a path, such as https://admin.example.com (a path is pathPrefix)",
  }),

  tlsCertFile: optionalText("PEM file of the certificate and its chain; with tlsKeyFile"),
  tlsKeyFile: optionalText("PEM file of the certificate's private key"),
  hstsMaxAgeS: number(
    0,
    0,
    63_072_000,
    "With TLS: max-age of the Strict-Transport-Security header, in seconds; 0: no header",
  ),
  ...connectionOptions,
  memoryBytesMax: option(
    numberSchema(0, 1_000_000_000_000),
    "a whole number from 0 to 1000000000000",
    "Resident memory in bytes above which the server is unready and refuses new connections, until it is 5 % lower; 0: no limit",
    {
      default: ({ memoryBytes }) => Math.max(memoryBytesLeast, Math.floor(memoryBytes * memoryShare)),
      defaultText: `${memoryShare * 100} % of the memory limit of its container (cgroup), or else of the machine's memory; at least 128 MiB`,
    },
  ),
  ...memoryOptions,
  activityTimeoutS: number(120, 10, 3_600, "Seconds without a message after which a client sends a ping"),
  heartbeatIntervalMs: number(
    25_000,
    1_000,
    900_000,
    "Milliseconds between the server's pings; many proxies close a connection that is idle for a minute",
  ),

  drainGraceMs: number(
    2_000,
    0,
    600_000,
    "Milliseconds after SIGTERM in which the server is unready and still accepts connections",
  ),
  drainMs: number(
    4_000,
    0,
    3_600_000,
    "Milliseconds over which the connections are then closed; a stop takes both times and at most two seconds more",
  ),
  drainPerSecondMin: number(
    100,
    1,
    1_000_000,
    "Minimum number of connections closed per second while draining",
  ),

  publishLogMax: number(
    1_000,
    0,
    100_000,
    "Number of an app's latest published events that are kept with sender and recipients; 0: none",
  ),
  publishLogAgeMs: number(3_600_000, 1_000, 86_400_000, "How long they are kept, in milliseconds"),
  publishLogData: toggle(false, "Also keep the data of these events"),
  secretAgeWarningDays: number(
    90,
    0,
    3_650,
    "Days after which an active secret is reported as old; 0: never",
  ),
  auditRetentionDays: number(
    365,
    0,
    36_500,
    "Days after which an entry of the audit log is removed; 0: never",
  ),
  secretUseGuardMs: number(
    300_000,
    0,
    86_400_000,
    "Activating a secret is refused if the old one was used within this time, in milliseconds",
  ),

  ...webhookOptions,
  logLevel: choice(["info", "trace", "debug", "warn", "error", "silent"], "Minimum level that is logged"),
  logFormat: choice(["auto", "json", "pretty"], "auto: pretty on a terminal in development, otherwise JSON"),
  metricsPort: optionalPort(
    "Separate port for /metrics and /health; there /metrics needs no authentication unless metricsToken is set",
  ),
  metricsHost: option<string | null>(
    hostSchema.nullable(),
    "an address such as 127.0.0.1 or ::1, without a zone such as %eth0, or a host name",
    "Address that metricsPort listens on",
    { default: null, defaultText: "the same as host" },
  ),
  metricsToken: optionalText(
    "Bearer token for /metrics; without it /metrics on the main port answers only requests from this machine",
    {
      pattern: token,
      expected: "16 to 512 visible ASCII characters without a space",
      isSecret: true,
    },
  ),
} as const satisfies { readonly [Key: string]: Option<never> | Option<unknown> };

export type OptionKey = keyof typeof options;

/** The values of all options. */
export type Config = {
  readonly [Key in OptionKey]: (typeof options)[Key] extends Option<infer Value> ? Value : never;
};

/** Whether no other server uses the data folder: an embedded database and no cluster. */
export function isAlone({ databaseUrl, redisUrl }: Pick<Config, "databaseUrl" | "redisUrl">): boolean {
  return databaseUrl === null && redisUrl === null;
}

export const optionKeys = Object.keys(options) as OptionKey[];

/** `dataDir` → `SOKETIFY_DATA_DIR` */
export function envNameOf(key: OptionKey): string {
  return `SOKETIFY_${key.replace(/[A-Z]/g, "_$&").toUpperCase()}`;
}

/** `dataDir` → `--data-dir` */
export function flagOf(key: OptionKey): string {
  return `--${key.replace(/[A-Z]/g, "-$&").toLowerCase()}`;
}
