/**
 * All options. The flags, environment names, config file keys, the output of `soketify config` and
 * docs/reference/configuration.md are generated from this table.
 */
import { isIP } from "node:net";
import { z } from "zod";
import { hostSchema, isPlainAddress } from "./host.ts";
import { memoryOptions } from "./memory-options.ts";
import {
  choice,
  list,
  number,
  numberSchema,
  type Option,
  option,
  optionalPort,
  optionalText,
  text,
  toggle,
} from "./option.ts";

const mebibyte = 1_048_576;
/** File descriptors reserved for the database, the log, HTTP requests and webhooks. */
const descriptorsReserved = 512;
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

const cidr = z.string().refine(isCidr);
const origin = z.string().regex(/^(\*|https?:\/\/[^/\s]+)$/);
const baseUrl = {
  pattern: /^https?:\/\/[^\s/?#]+\/?$/,
  isRight: (url: string) => URL.canParse(url),
};
const token = /^[\x21-\x7e]{16,512}$/;

/** Their shape; what makes one wrong is found at the start, by the rules for all webhooks. */
const webhookEndpoints = z
  .array(
    z.strictObject({
      url: z.string(),
      events: z.array(z.string()),
      batching: z.boolean().optional(),
      enabled: z.boolean().optional(),
      headers: z.record(z.string(), z.string()).optional(),
      filters: z.record(z.string(), z.unknown()).optional(),
    }),
  )
  .max(50);

export type WebhookEndpointConfig = z.infer<typeof webhookEndpoints>[number];

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
      defaultText: "production where NODE_ENV is production, else development",
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
  webhooks: option<readonly WebhookEndpointConfig[]>(
    webhookEndpoints,
    "a list of at most 50 endpoints, each with url and events and optionally batching, filters, headers, enabled",
    "Webhook endpoints of that app",
    { default: [], isFileOnly: true },
  ),

  adminToken: optionalText("Bearer token for the admin API", {
    pattern: token,
    expected: "16 to 512 visible ASCII characters without a space",
    isSecret: true,
  }),
  adminEmail: optionalText("E-mail address of the dashboard's owner; with adminPassword", {
    pattern: /^[^\s@]+@[^\s@]+$/,
    expected: "an e-mail address",
  }),
  adminPassword: optionalText("Password of the dashboard's owner at the first start", {
    pattern: /^.{8,256}$/s,
    expected: "at least 10 characters, and not one of the most common passwords",
    isSecret: true,
  }),
  oidcIssuer: optionalText(
    "OpenID Connect issuer for logins to the dashboard; with oidcClientId and oidcClientSecret",
    {
      pattern: /^https?:\/\/[^\s?#]+$/,
      isRight: (url) => URL.canParse(url),
      expected: "a URL such as https://login.example.com/realms/staff",
    },
  ),
  oidcClientId: optionalText(
    "This server's client id at that issuer; the redirect URI ends in /api/auth/callback/oidc",
  ),
  oidcClientSecret: optionalText("This server's client secret at that issuer", {
    pattern: /^[\x21-\x7e]{1,512}$/,
    expected: "1 to 512 visible ASCII characters without a space",
    isSecret: true,
  }),
  oidcName: text("single sign-on", "Name of that issuer on the dashboard's login button"),
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
  trustedProxies: list(
    cidr,
    "a list of addresses or CIDRs such as 10.0.0.0/8 or fd00::/8",
    "Proxies whose X-Forwarded-For header is trusted",
  ),
  corsOrigins: list(
    origin,
    "* or a list of origins such as https://example.com",
    "Origins whose pages may call the HTTP API",
  ),

  httpFallbackEnabled: toggle(
    true,
    "Accept pusher-js clients whose network blocks WebSocket: XHR streaming and XHR polling at /pusher/app",
  ),
  connectionsMax: option(
    numberSchema(1, 1_000_000),
    "a whole number from 1 to 1000000",
    "Concurrent connections of clients to this process; more are answered with 503",
    {
      default: ({ descriptorsMax }) => Math.min(1_000_000, Math.max(1, descriptorsMax - descriptorsReserved)),
      defaultText: `the limit of open files less ${descriptorsReserved}`,
    },
  ),
  connectionsPerIpMax: option<number | null>(
    numberSchema(0, 1_000_000).nullable(),
    "a whole number from 0 to 1000000",
    "Concurrent connections of clients from one address (IPv6: one /64 network); 0: no limit",
    {
      default: null,
      defaultText:
        "a quarter of connectionsMax; no limit for loopback and private addresses and trustedProxies, which may serve many clients",
    },
  ),
  handshakesPerIpPerSecondMax: number(
    0,
    0,
    100_000,
    "Handshakes of clients per second from one address; 0: no limit",
  ),
  messageBytesMax: number(65_536, 1_024, 16 * mebibyte, "Bytes of one message from a client"),
  httpBodyBytesMax: number(mebibyte, 1_024, 64 * mebibyte, "Bytes of one HTTP request's body"),
  backpressureBytesMax: number(
    mebibyte,
    16_384,
    256 * mebibyte,
    "Unsent bytes of a slow client before its connection is closed",
  ),
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
    "Latest published events of an app whose sender and recipients are kept, to answer who received what; 0: none",
  ),
  publishLogAgeMs: number(3_600_000, 1_000, 86_400_000, "How long such a publish is told, in milliseconds"),
  publishLogData: toggle(false, "Keep the data of these events, too"),
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

  webhookAllow: list(
    cidr,
    "a list of addresses or CIDRs such as 10.0.0.0/8 or fd00::/8",
    "Private networks to which webhooks may be sent",
  ),
  webhookAllowHttp: toggle(false, "Allow webhooks to plain http in production"),
  webhookTimeoutMs: number(
    4_000,
    100,
    60_000,
    "Time for one request to a webhook, from the name lookup to the end of the answer, in milliseconds",
  ),
  webhookRetryWindowMs: number(
    300_000,
    0,
    2_592_000_000,
    "How long a webhook event is retried before it is given up, in milliseconds",
  ),
  webhookPendingMax: number(50_000, 1, 10_000_000, "Pending events of one webhook"),
  webhookRequestsMax: number(10, 1, 1_000, "Concurrent requests to one webhook"),
  webhookRequestsPerAppMax: number(
    50,
    1,
    1_000,
    "Concurrent requests to all webhooks of one app; the app's settings may lower it",
  ),
  webhookRequestsTotalMax: number(200, 1, 10_000, "Concurrent requests to all webhooks; apps take turns"),

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

function isCidr(given: string): boolean {
  const [address = "", bits, ...rest] = given.split("/");
  if (!isPlainAddress(address) || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (isIP(address) === 4 ? 32 : 128));
}
