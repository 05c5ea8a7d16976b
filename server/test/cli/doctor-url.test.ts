/** `soketify doctor --url` behind proxies that are configured wrongly: each finding names the cause and the remedy. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { freePort } from "../support/net/free-port.ts";
import { startNginx, startWrongNginx } from "../support/net/nginx.ts";
import type { RunningProxy } from "../support/net/run-proxy.ts";
import { runSoketify } from "../support/run-soketify.ts";
import { type RunningServer, startServer } from "../support/start-server.ts";

setDefaultTimeout(120_000);

const upgrade =
  "proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;";
const forwarded = "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;";
let server: RunningServer;

beforeAll(async () => {
  server = await startServer({
    env: {
      SOKETIFY_TRUSTED_PROXIES: "127.0.0.1",
      SOKETIFY_HEARTBEAT_INTERVAL_MS: "25000",
      SOKETIFY_WEBHOOK_ALLOW: "127.0.0.1/32",
    },
  });
});

afterAll(() => server.remove());

interface Finding {
  readonly check: string;
  readonly isWell: boolean;
  readonly detail: string;
  readonly fix?: string;
}

/** The findings behind the proxy, by check. */
async function examine(
  start: (port: number) => Promise<RunningProxy>,
  { scheme = "http", idleS = 2 } = {},
): Promise<Record<string, Finding>> {
  const port = await freePort();
  const proxy = await start(port);
  try {
    const flags = ["--url", `${scheme}://localhost:${port}`, "--idle", String(idleS), "--json"];
    const trusted = ["--trusted-proxies", "127.0.0.1"];
    const { output, errors } = runSoketify(server.dataDir, "doctor", ...flags, ...trusted);
    if (output === "") throw new Error(errors);
    return Object.fromEntries((JSON.parse(output) as Finding[]).map((one) => [one.check, one]));
  } finally {
    await proxy.remove();
  }
}

const behind = (directives: string) => (port: number) => startWrongNginx(port, server.listenPort, directives);

test("a right proxy passes every check", async () => {
  const found = await examine(behind(upgrade + forwarded));
  expect(Object.values(found).filter(({ isWell }) => !isWell)).toEqual([]);
  expect(found["idle socket"]?.detail).toBe("a silent connection stays open for 2 s");
  expect(found["client address"]?.detail).toBe("the server sees this machine's address, 127.0.0.77");
});

test("without Upgrade the finding names nginx's directives", async () => {
  const { "public socket": found } = await examine(behind(forwarded));
  expect(found).toMatchObject({
    isWell: false,
    detail: expect.stringContaining("without its Upgrade header"),
    fix: expect.stringContaining("proxy_set_header Upgrade $http_upgrade"),
  });
});

test("a read timeout that is shorter than the pings is named as the reason for closed silent connections", async () => {
  // Much longer than the timeout, which a busy machine may notice late.
  const idleS = 15;
  const { "idle socket": found } = await examine(behind(`${upgrade}${forwarded} proxy_read_timeout 1s;`), {
    idleS,
  });
  expect(found).toMatchObject({
    isWell: false,
    detail: expect.stringMatching(/was cut after \d+\.\d s without a close frame \(1006\), so by a proxy/),
    fix: expect.stringContaining("proxy_read_timeout 60s"),
  });
});

test("a proxy that does not add the client's address is found", async () => {
  const { "client address": found } = await examine(behind(upgrade));
  expect(found).toMatchObject({
    isWell: false,
    detail: expect.stringContaining("believes any address that a client claims"),
    fix: expect.stringContaining("$proxy_add_x_forwarded_for"),
  });
  const { "client address": removed } = await examine(
    behind(`${upgrade}proxy_set_header X-Forwarded-For "";`),
  );
  expect(removed?.detail).toBe("the server sees the proxy's address, 127.0.0.1, for every client");
});

test("a self-signed certificate is found, and the other checks go on", async () => {
  const found = await examine((port) => startNginx(port, server.listenPort), { scheme: "https" });
  expect(found["public TLS"]).toMatchObject({
    isWell: false,
    detail: expect.stringContaining("DEPTH_ZERO_SELF_SIGNED_CERT"),
    fix: expect.stringContaining("Let's Encrypt"),
  });
  expect(found["public socket"]?.isWell).toBe(true);
  expect(found["idle socket"]?.isWell).toBe(true);
});

interface NamedApp {
  readonly id: string;
  readonly key: string;
}

/** An app that the first page of the list does not have. */
async function appOfSecondPage(): Promise<NamedApp> {
  const made: NamedApp[] = [];
  for (let number = 0; number <= 100; number += 1) made.push(await server.createApp(`App ${number}`));
  const { apps } = (await server.admin("GET", "/apps")) as { apps: readonly NamedApp[] };
  const app = made.find(({ id }) => apps.every((one) => one.id !== id));
  if (app === undefined) throw new Error("The first page has all apps");
  return app;
}

test("an app of the second page is checked, and found by its key", async () => {
  const app = await appOfSecondPage();
  const url = `http://127.0.0.1:${await freePort()}/hook`;
  const path = `/apps/${app.id}/webhooks`;
  const { webhook } = (await server.admin("POST", path, { url, events: ["channel_occupied"] })) as {
    webhook: { id: string };
  };
  const flags = ["--url", server.httpUrl, "--key", app.key, "--idle", "1", "--webhook-allow", "127.0.0.1/32"];
  const { output } = runSoketify(server.dataDir, "doctor", ...flags);
  expect(output).toMatch(/client address +the server sees/);
  expect(output).toContain(`the webhook receiver ${new URL(url).host} cannot be reached`);
  await server.admin("DELETE", `${path}/${webhook.id}`);
});

test("a wrong --url or --idle is refused in words", () => {
  for (const [flags, words] of [
    [["--url", "ws.example.com"], "must be a URL such as https://ws.example.com"],
    [["--url", "http://localhost", "--idle", "soon"], "must be a number of seconds"],
  ] as const) {
    const { code, errors } = runSoketify(server.dataDir, "doctor", ...flags);
    expect({ code, errors }).toEqual({ code: 2, errors: expect.stringContaining(words) });
  }
});
