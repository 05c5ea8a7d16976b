import { describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { app, load, problemsOf } from "../../test/support/given-config.ts";
import { workerConfig } from "../cli/workers/worker-config.ts";
import {
  appIdPattern,
  appIdRule,
  appKeyPattern,
  appKeyRule,
  appSecretPattern,
  appSecretRule,
} from "../core/apps/credentials.ts";
import { envNameOf, flagOf, optionKeys, options } from "./config.ts";
import { describeConfig } from "./describe-config.ts";
import { isUrl } from "./secret-file.ts";

const credentialRules = [
  { key: "appId", pattern: appIdPattern, rule: appIdRule },
  { key: "appKey", pattern: appKeyPattern, rule: appKeyRule },
  { key: "appSecret", pattern: appSecretPattern, rule: appSecretRule },
] as const;

test.each(credentialRules)("$key follows the rule of the admin API", ({ key, pattern, rule }) => {
  expect(options[key].expected).toBe(rule);
  const samples = ["app-id", "a", "_-9", "0".repeat(64), "0".repeat(65), "x".repeat(200), "x".repeat(201)];
  for (const given of [...samples, "", "a b", "a/b", "ä", "a\n", "!~"])
    expect({ given, isTaken: options[key].schema.safeParse(given).success }).toEqual({
      given,
      isTaken: pattern.test(given),
    });
});

const secretKeys = optionKeys.filter((key) => options[key].isSecret && !isUrl(key));

describe("secrets", () => {
  test.each(secretKeys)(
    "%s is refused as a flag, without repeating it, and the error names the alternative",
    (key) => {
      const problems = problemsOf({ flags: { [key]: "hush-hush-hush-hush" } });
      expect(problems).toEqual([expect.stringContaining(`${flagOf(key)} would show a secret`)]);
      expect(problems[0]).toContain(
        `${envNameOf(key)}, as ${key} in the config file, or in a file that ${flagOf(key)}-file`,
      );
      expect(problems[0]).not.toContain("hush");
    },
  );

  test.each([
    { databaseUrl: "postgres://me:hush@localhost/db" },
    { databaseUrl: "postgres://localhost/db?user=me&password=hush" },
    { redisUrl: "rediss://:hush@one:26379,two:26379/0?master=main" },
  ])("a URL with a password is refused as a flag: %j", (flags) => {
    const problems = problemsOf({ flags });
    expect(problems).toEqual([expect.stringContaining("-url would show a secret")]);
    expect(problems[0]).not.toContain("hush");
  });

  test("a URL without a password may be a flag", () => {
    const databaseUrl = "postgres://me@localhost/db";
    expect(load({ flags: { databaseUrl } }).config.databaseUrl).toBe(databaseUrl);
  });

  test("each is read from the file given by its flag or variable, without the line end", () => {
    const folder = mkdtempSync(join(tmpdir(), "soketify-secret-"));
    const file = join(folder, "secret");
    writeFileSync(file, "a secret in a file\r\n".replaceAll(" ", "-"));
    const rest = { SOKETIFY_APP_ID: "1", SOKETIFY_APP_KEY: "k" };
    const byFlag = load({ flags: { appSecretFile: file }, env: rest });
    const byName = load({ env: { ...rest, SOKETIFY_APP_SECRET_FILE: file } });
    expect([byFlag.config.appSecret, byName.config.appSecret]).toEqual([
      "a-secret-in-a-file",
      "a-secret-in-a-file",
    ]);
    expect([byFlag.origins.appSecret.name, byName.origins.appSecret.name]).toEqual([
      "--app-secret-file",
      "SOKETIFY_APP_SECRET_FILE",
    ]);
    const both = { ...rest, SOKETIFY_APP_SECRET: "hush-hush", SOKETIFY_APP_SECRET_FILE: file };
    expect(problemsOf({ env: both })).toEqual([
      "SOKETIFY_APP_SECRET and SOKETIFY_APP_SECRET_FILE are both given: keep one of them.",
    ]);
    rmSync(folder, { recursive: true });
  });

  test("an unreadable file and a file for an option that is not secret are refused", () => {
    const gone = { SOKETIFY_METRICS_TOKEN_FILE: "/gone/token" };
    expect(problemsOf({ env: gone })).toEqual([
      "The file /gone/token, given by SOKETIFY_METRICS_TOKEN_FILE, cannot be read: ENOENT.",
    ]);
    expect(problemsOf({ env: { SOKETIFY_PORT_FILE: "x" } })[0]).toContain(
      "SOKETIFY_PORT_FILE is not an option",
    );
  });
});

describe("in Kubernetes", () => {
  const links = {
    SOKETIFY_SERVICE_HOST: "10.0.0.1",
    SOKETIFY_SERVICE_PORT: "6001",
    SOKETIFY_SERVICE_PORT_HTTP: "6001",
    SOKETIFY_PORT: "tcp://10.0.0.1:6001",
    SOKETIFY_PORT_6001_TCP: "tcp://10.0.0.1:6001",
    SOKETIFY_PORT_6001_TCP_ADDR: "10.0.0.1",
    SOKETIFY_METRICS_PORT: "tcp://10.0.0.2:9100",
    SOKETI_PORT: "tcp://10.0.0.3:6001",
    SOKETI_SERVICE_HOST: "10.0.0.3",
  };

  test("the variables of Services are ignored with one note", () => {
    const { config, origins, notes } = load({ env: links });
    expect([config.port, config.metricsPort]).toEqual([6001, null]);
    expect(origins.port.kind).toBe("default");
    expect(notes).toEqual([expect.stringMatching(/^SOKETIFY_SERVICE_HOST and 8 more ignored: Kubernetes/)]);
  });

  test("a port from the config file or soketi's variable is used if SOKETIFY_PORT is a link", () => {
    const files = { "soketify.config.yaml": "port: 7009" };
    expect(load({ env: links, files }).config.port).toBe(7009);
    expect(load({ env: { ...links, SOKETI_PORT: "7010" } }).config.port).toBe(7010);
  });
});

test("soketi's names are read with a note if Soketify's names are not set", () => {
  const { config, notes } = load({
    env: {
      SOKETI_DEFAULT_APP_ID: "77",
      SOKETI_DEFAULT_APP_KEY: "key",
      SOKETI_DEFAULT_APP_SECRET: "a-secret-of-old",
      SOKETI_PORT: "7007",
      SOKETIFY_PORT: "7008",
    },
  });
  expect([config.appId, config.appKey, config.appSecret, config.port]).toEqual([
    "77",
    "key",
    "a-secret-of-old",
    7008,
  ]);
  expect(notes).toContain("SOKETI_DEFAULT_APP_ID is read as SOKETIFY_APP_ID, its name in Soketify");
  expect(notes).toHaveLength(3);
});

test("defaults depend on the machine", () => {
  const { config } = load({ env: { NODE_ENV: "production" } });
  expect(config.environment).toBe("production");
  expect(config.connectionsMax).toBe(19_488);
  expect(config.memoryBytesMax).toBe(Math.floor(0.7 * 2 ** 30));
});

test("a server that has just started in a small container is ready", () => {
  const { config } = load({ memoryBytes: 100 * 2 ** 20 });
  expect(config.memoryBytesMax).toBe(128 * 2 ** 20);
});

test("a description masks secrets and shows where each value came from", () => {
  const described = describeConfig(load({ env: app }));
  expect(described.find(({ key }) => key === "appSecret")?.value).toBe("********");
  expect(described.find(({ key }) => key === "appKey")).toEqual({
    key: "appKey",
    value: "abc",
    origin: { kind: "environment", name: "SOKETIFY_APP_KEY" },
  });
  expect(JSON.stringify(described)).not.toContain(app.SOKETIFY_APP_SECRET);
});

test("by default a connection is pinged twice a minute, since many proxies close idle ones after a minute", () => {
  expect(load({}).config.heartbeatIntervalMs).toBeLessThan(30_000);
});

test("metricsHost needs metricsPort", () => {
  expect(problemsOf({ flags: { metricsHost: "127.0.0.1" } })).toEqual([
    "metricsHost needs metricsPort (SOKETIFY_METRICS_PORT): the main port listens on host.",
  ]);
  expect(load({ flags: { metricsHost: "[::1]", metricsPort: "9100" } }).config.metricsHost).toBe("::1");
});

describe("workers", () => {
  const redis = { SOKETIFY_REDIS_URL: "redis://127.0.0.1" };

  test.each([
    [{ workers: "3" }, {}, "workers needs redisUrl (SOKETIFY_REDIS_URL)"],
    [{ workers: "65" }, redis, "--workers must be a whole number from 1 to 64"],
    [{ workers: "2", port: "0" }, redis, "workers needs a port that is not 0"],
    [{ workers: "2", dashboardPort: "0" }, redis, "workers needs a dashboardPort that is not 0"],
    [{ workers: "3", metricsPort: "5999" }, redis, "takes the ports 5999 to 6001"],
    [{ workers: "2", metricsPort: "65535" }, redis, "takes the ports 65535 to 65536"],
  ])("%j with %j are refused", (flags, env, message) => {
    expect(problemsOf({ flags, env })).toEqual([expect.stringContaining(message)]);
  });

  test("each has its own name and metrics port, and they share memory and the time of a stop", () => {
    const flags = {
      workers: "4",
      nodeName: "host",
      metricsPort: "9000",
      drainMs: "4000",
      drainGraceMs: "500",
    };
    const limits = {
      memoryBytesMax: "4000000000",
      subscriptionBytesMax: "400000000",
      subscriptionBytesPerAppMax: "40000000",
      connectionsMax: "1000",
    };
    const { config } = load({ flags: { ...flags, ...limits }, env: redis });
    const shares = Array.from({ length: 4 }, (_, index) => workerConfig(config, index));
    expect(shares.map(({ nodeName, metricsPort }) => [nodeName, metricsPort])).toEqual([
      ["host-1", 9_000],
      ["host-2", 9_001],
      ["host-3", 9_002],
      ["host-4", 9_003],
    ]);
    for (const share of shares)
      expect(share).toMatchObject({
        memoryBytesMax: 1_000_000_000,
        subscriptionBytesMax: 100_000_000,
        subscriptionBytesPerAppMax: 10_000_000,
        connectionsMax: 1_000,
      });
    expect(shares.map(({ drainGraceMs, drainMs }) => [drainGraceMs, drainMs])).toEqual([
      [500, 1_000],
      [1_500, 1_000],
      [2_500, 1_000],
      [3_500, 1_000],
    ]);
  });
});
