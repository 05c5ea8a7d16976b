import { describe, expect, test } from "bun:test";
import { app, load, problemsOf } from "../../test/support/given-config.ts";

describe("precedence", () => {
  const file = { "soketify.config.json": '{"port": 1003, "host": "127.0.0.3"}' };

  test("a flag overrides the environment, which overrides the file, which overrides the default", () => {
    const { config, origins } = load({
      flags: { port: "1001" },
      env: { SOKETIFY_PORT: "1002", SOKETIFY_LOG_LEVEL: "warn" },
      files: file,
    });
    expect([config.port, config.logLevel, config.host, config.activityTimeoutS]).toEqual([
      1001,
      "warn",
      "127.0.0.3",
      120,
    ]);
    expect(origins.port).toEqual({ kind: "flag", name: "--port" });
    expect(origins.logLevel).toEqual({ kind: "environment", name: "SOKETIFY_LOG_LEVEL" });
    expect(origins.host.kind).toBe("file");
    expect(origins.activityTimeoutS.kind).toBe("default");
  });

  test("an empty environment variable counts as unset", () => {
    const env = { SOKETIFY_APP_ID: "", SOKETIFY_APP_KEY: "", SOKETIFY_APP_SECRET: "", SOKETIFY_PORT: "" };
    const { config } = load({ env });
    expect([config.appId, config.appKey, config.appSecret, config.port]).toEqual([null, null, null, 6001]);
  });
});

describe("the config file", () => {
  test.each([
    ["soketify.config.json", '{"port": 7001, "trustedProxies": ["10.0.0.0/8"]}'],
    ["soketify.config.yaml", "port: 7001\ntrustedProxies: [10.0.0.0/8]\n"],
    ["soketify.config.yml", "port: 7001\ntrustedProxies:\n  - 10.0.0.0/8\n"],
    ["soketify.config.toml", 'port = 7001\ntrustedProxies = ["10.0.0.0/8"]\n'],
  ])("%s is read", (name, content) => {
    const { config } = load({ files: { [name]: content } });
    expect(config.port).toBe(7001);
    expect(config.trustedProxies).toEqual(["10.0.0.0/8"]);
  });

  test("a path given by --config or SOKETIFY_CONFIG is read instead", () => {
    const files = { "other.yaml": "port: 7002", "soketify.config.json": '{"port": 1}' };
    expect(load({ files, configPath: "other.yaml" }).config.port).toBe(7002);
    expect(load({ files, env: { SOKETIFY_CONFIG: "other.yaml" } }).config.port).toBe(7002);
  });

  test("a missing file is reported with its path and the source of the path", () => {
    const [problem] = problemsOf({ configPath: "gone.json" });
    expect(problem).toMatch(/gone\.json, given by --config, cannot be read: it does not exist/);
  });

  test("a file that cannot be parsed is reported without its text", () => {
    const [problem] = problemsOf({ files: { "soketify.config.yaml": 'appSecret: "hush-hush\nport: [' } });
    expect(problem).toContain("soketify.config.yaml is not valid YAML");
    expect(problem).not.toContain("hush");
  });

  test.each([
    ["json", '{\n"port": 1,\n"host" "a"}', 3],
    ["json", '{\n"port": 1,\n}', 3],
    ["json", '{\n\n"port": 1 // no comments\n}', 3],
    ["json", '{"port": 1,\n"host": "a', 2],
    ["yaml", "port: 1\nhost: [a, b\ndataDir: c\n", 2],
    ["yaml", "port: 1\nhost: {a: 1\ndataDir: c\n", 2],
    ["yaml", "port: 1\nhost: a\n  dataDir: c\n", 3],
    ["yaml", "port: 1\nhost a\ndataDir: c\n", 2],
    ["yaml", "port: 1\nhost: a: b\ndataDir: c\n", 2],
    ["yaml", "port: 1\n\n\thost: a\n", 3],
    ["yaml", "port: 1\nport: 2\n", 2],
    ["yaml", 'port: 1\nappSecret: "hush-hush\nhost: a\ndataDir: b\n', 2],
    ["yaml", "port: 1\nappSecret: 'hush-hush\nhost: [\n", 2],
    ["toml", 'port = 1\nhost = "a\n', 2],
  ])("a broken %s file names the line: %j", (ending, content, line) => {
    const [problem] = problemsOf({ files: { [`soketify.config.${ending}`]: content } });
    expect(problem).toEndWith(`is not valid ${ending.toUpperCase()} (line ${line}).`);
  });

  test("an unknown YAML alias is refused", () => {
    expect(problemsOf({ files: { "soketify.config.yaml": "port: *other\n" } })[0]).toContain(
      "not valid YAML",
    );
  });

  const credentials = { appKey: "key", appSecret: "a-secret-of-some-length" };

  test.each([
    ["json", JSON.stringify({ appId: 4242, ...credentials }), "4242"],
    ["yaml", "appId: 4242\nappKey: key\nappSecret: 1234567890\n", "4242"],
    ["yaml", "appId: 007\nappKey: key\nappSecret: 1234567890\n", "007"],
    ["toml", 'appId = 4242\nappKey = "key"\nappSecret = 1234567890\n', "4242"],
  ])("a %s file may give an id as a number: %j", (ending, content, appId) => {
    expect(load({ files: { [`soketify.config.${ending}`]: content } }).config.appId).toBe(appId);
  });

  test.each([
    ["json", JSON.stringify(credentials).replace("{", '{"appId": 12345678901234567890,')],
    ["yaml", "appId: 9223372036854775807\nappKey: key\nappSecret: a-secret-of-some-length\n"],
    ["yaml", "appId: 9007199254740993\nappKey: key\nappSecret: a-secret-of-some-length\n"],
    ["yaml", "appId: 1.5\nappKey: key\nappSecret: a-secret-of-some-length\n"],
    ["yaml", "appId: true\nappKey: key\nappSecret: a-secret-of-some-length\n"],
    ["toml", 'appId = 9223372036854775807\nappKey = "key"\nappSecret = "a-secret-of-some-length"\n'],
    ["toml", 'appId = 2026-01-31\nappKey = "key"\nappSecret = "a-secret-of-some-length"\n'],
  ])("an error asks for quotes around a value that %s reads differently: %j", (ending, content) => {
    const [problem, ...others] = problemsOf({ files: { [`soketify.config.${ending}`]: content } });
    expect(problem).toMatch(/^appId in .* must be .*\. Put it in quotes: without them, it is read as .+\.$/);
    expect(others).toEqual([]);
  });

  test("a number that is too large for its option is shown as written", () => {
    const [problem] = problemsOf({ files: { "soketify.config.toml": "port = 9223372036854775807\n" } });
    expect(problem).toEndWith("from 0 to 65535. 9223372036854775807 is not.");
  });

  test("two config files in one folder are refused", () => {
    const files = { "soketify.config.json": "{}", "soketify.config.toml": "" };
    expect(problemsOf({ files })[0]).toContain("more than one config file");
  });

  test("the shape of webhooks is validated", () => {
    const webhooks = [{ url: "https://example.com/hook", events: ["channel_occupied"] }];
    const files = { "soketify.config.json": JSON.stringify({ webhooks }) };
    expect(load({ files }).config.webhooks).toEqual(webhooks);
    const wrong = JSON.stringify({ webhooks: [{ url: 7, events: [] }] });
    expect(problemsOf({ files: { "soketify.config.json": wrong } })[0]).toContain("webhooks in ");
  });
});

describe("mistakes", () => {
  test("an unknown key or name is refused with the nearest name", () => {
    expect(problemsOf({ env: { SOKETIFY_PROT: "1" } })).toEqual([
      "The environment variable SOKETIFY_PROT is not an option of Soketify. Did you mean SOKETIFY_PORT?",
    ]);
    const [inFile] = problemsOf({ files: { "soketify.config.json": '{"datadir": "x"}' } });
    expect(inFile).toMatch(
      /^The key datadir in .*soketify\.config\.json is not an option.*Did you mean dataDir\?$/,
    );
    expect(problemsOf({ env: { SOKETIFY_QUITE_ELSE: "1" } })[0]).toContain("`soketify config` lists");
  });

  test.each([
    [{ SOKETIFY_PORT: "70000" }, 'SOKETIFY_PORT must be a whole number from 0 to 65535. "70000" is not.'],
    [{ SOKETIFY_PORT: "6001x" }, 'SOKETIFY_PORT must be a whole number from 0 to 65535. "6001x" is not.'],
    [{ SOKETIFY_DASHBOARD_ENABLED: "maybe" }, "SOKETIFY_DASHBOARD_ENABLED must be true or false."],
    [{ SOKETIFY_LOG_FORMAT: "xml" }, "SOKETIFY_LOG_FORMAT must be one of auto, json, pretty."],
    [{ SOKETIFY_TRUSTED_PROXIES: "10.0.0.0/33" }, "must be a list of addresses or CIDRs"],
    [{ SOKETIFY_TRUSTED_PROXIES: "fe80::1%eth0" }, "must be a list of addresses or CIDRs"],
    [{ SOKETIFY_HOST: "fe80::1%eth0" }, "an address such as 0.0.0.0 or ::1, without a zone such as %eth0"],
    [{ SOKETIFY_HOST: "  " }, "must be an address such as 0.0.0.0"],
    [{ SOKETIFY_PUBLIC_URL: "http://::1:6001" }, "such as https://ws.example.com or http://[::1]:6001"],
    [{ SOKETIFY_DASHBOARD_URL: "https://a:99999" }, "SOKETIFY_DASHBOARD_URL must be a URL without a path"],
    [{ SOKETIFY_OIDC_ISSUER: "https://[::1" }, "SOKETIFY_OIDC_ISSUER must be a URL such as"],
    [{ SOKETIFY_PATH_PREFIX: "realtime/" }, "must be empty, or a path such as /realtime"],
    [{ ...app, SOKETIFY_APP_ID: "my/app" }, "SOKETIFY_APP_ID must be 1 to 64 letters, digits, _ or -"],
  ])("%j is refused with the expected value", (env, problem) => {
    expect(problemsOf({ env })[0]).toContain(problem);
  });

  test("all mistakes are reported together", () => {
    expect(
      problemsOf({ env: { SOKETIFY_PORT: "x", SOKETIFY_HOTS: "y" }, flags: { logLevel: "loud" } }),
    ).toHaveLength(3);
  });

  test("an error about a secret does not contain it", () => {
    const problems = problemsOf({
      env: { ...app, SOKETIFY_APP_SECRET: "hush ab", SOKETIFY_MASTER_KEY: "hush" },
    });
    expect(problems).toHaveLength(2);
    expect(problems.join()).not.toContain("hush");
  });

  test("half of an app, a certificate or an owner is refused", () => {
    expect(problemsOf({ env: { SOKETIFY_APP_ID: "12" } })).toEqual([
      "appId (SOKETIFY_APP_ID) given without appKey (SOKETIFY_APP_KEY), appSecret (SOKETIFY_APP_SECRET): give all of them or none.",
    ]);
    expect(problemsOf({ flags: { tlsCertFile: "cert.pem" } })[0]).toContain("tlsKeyFile");
    expect(problemsOf({ flags: { adminEmail: "me@example.com" } })[0]).toContain("adminPassword");
  });

  test("single sign-on without a public URL is refused", () => {
    const env = { SOKETIFY_OIDC_CLIENT_SECRET: "hush" };
    const flags = { oidcIssuer: "https://login.example.com", oidcClientId: "id" };
    expect(problemsOf({ flags, env })).toEqual([
      "oidcIssuer needs publicUrl (SOKETIFY_PUBLIC_URL): the issuer sends browsers back to it.",
    ]);
    const ownPort = { ...flags, publicUrl: "https://ws.example.com", dashboardPort: "6002" };
    expect(problemsOf({ flags: ownPort, env })[0]).toContain("oidcIssuer needs dashboardUrl");
    expect(problemsOf({ flags: { ...ownPort, dashboardUrl: "https://admin.example.com" }, env })).toEqual([]);
  });

  test("a separate port that equals the main port is refused", () => {
    expect(problemsOf({ flags: { metricsPort: "6001" } })[0]).toContain(
      "metricsPort equals the main port 6001",
    );
    expect(problemsOf({ env: { SOKETIFY_DASHBOARD_PORT: "6001" } })[0]).toContain(
      "dashboardPort equals the main port",
    );
    const both = { dashboardPort: "6002", metricsPort: "6002" };
    expect(problemsOf({ flags: both })[0]).toContain("dashboardPort equals metricsPort 6002");
    expect(problemsOf({ flags: { port: "0", dashboardPort: "0", metricsPort: "0" } })).toEqual([]);
  });

  test("a public URL with a path is refused with a hint to pathPrefix", () => {
    const [problem] = problemsOf({ flags: { publicUrl: "https://example.com/realtime" } });
    expect(problem).toContain("a path is pathPrefix");
  });
});
