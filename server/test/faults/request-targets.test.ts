/** Requests with unusual hosts or paths, on each port of the server. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { freePort } from "../support/net/free-port.ts";
import { signedPath } from "../support/net/http-request.ts";
import { sendRaw } from "../support/net/raw-http.ts";
import { type RunningServer, startServer } from "../support/start-server.ts";

setDefaultTimeout(60_000);

const names = ["all on one port", "the main port", "the dashboard's port", "the metrics' port"] as const;
type Name = (typeof names)[number];

let together: RunningServer;
let apart: RunningServer;
const ports = {} as Record<Name, number>;

beforeAll(async () => {
  const [dashboardPort, metricsPort] = [await freePort(), await freePort()];
  together = await startServer();
  apart = await startServer({
    env: { SOKETIFY_DASHBOARD_PORT: String(dashboardPort), SOKETIFY_METRICS_PORT: String(metricsPort) },
  });
  ports["all on one port"] = together.port;
  ports["the main port"] = apart.port;
  ports["the dashboard's port"] = dashboardPort;
  ports["the metrics' port"] = metricsPort;
});

afterAll(async () => {
  await together.remove();
  await apart.remove();
});

async function ask(name: Name, line: string, headers: readonly string[] = []) {
  const lines = [line, "Connection: close", ...headers];
  const { statuses, text } = await sendRaw(ports[name], `${lines.join("\r\n")}\r\n\r\n`);
  expect(statuses).toHaveLength(1);
  return { status: statuses[0], text };
}

const withoutHost: readonly (readonly [string, string, readonly string[]])[] = [
  ["HTTP/1.0 without a Host", "HTTP/1.0", []],
  ["HTTP/1.1 with an empty Host", "HTTP/1.1", ["Host:"]],
];

const answered: readonly (readonly [Name, string, number])[] = [
  ["all on one port", "/health/live", 200],
  ["all on one port", "/metrics", 200],
  ["all on one port", "/dashboard/", 200],
  ["all on one port", "/api/v1/me", 401],
  ["all on one port", "/apps/1/channels", 404],
  ["all on one port", "/x/y/metrics", 404],
  ["all on one port", "/x/y/health/live", 404],
  ["the main port", "/x/y/dashboard/", 404],
  ["the dashboard's port", "/dashboard/", 200],
  ["the dashboard's port", "/x/y/dashboard/", 404],
  ["the metrics' port", "/metrics", 200],
  ["the metrics' port", "/x/y/metrics", 404],
];

for (const [what, version, headers] of withoutHost) {
  test.each(answered)(`${what}: on %s %s is answered %p`, async (name, path, status) => {
    expect((await ask(name, `GET ${path} ${version}`, headers)).status).toBe(status);
  });
}

test.each(["/x/../metrics", "/x/%2e%2e/metrics", "/%6detrics", "//metrics", "/metrics/", "/x\\..\\metrics"])(
  "a proxy that refuses /metrics need not consider that %s could mean it",
  async (path) => {
    for (const name of ["all on one port", "the metrics' port"] as const)
      expect((await ask(name, `GET ${path} HTTP/1.1`, ["Host: localhost"])).status).toBe(404);
  },
);

const upgrade = [
  "Upgrade: websocket",
  "Connection: Upgrade",
  "Sec-WebSocket-Version: 13",
  "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
];

test.each(["a b", "h/metrics?", "user@h", "http://h", "a, b"])(
  "the Host %p is answered 400 on every port, also for a handshake, and is not reported as an error",
  async (host) => {
    for (const name of names) {
      for (const more of [[], upgrade]) {
        const { status, text } = await ask(name, "GET /health/live HTTP/1.1", [`Host: ${host}`, ...more]);
        expect(status).toBe(400);
        expect(text).toContain("The Host header must be one name or address");
      }
    }
    for (const { log } of [together, apart]) expect(log).not.toMatch(/"level":50|error|stack/i);
  },
);

test.each(["X-Forwarded-For: 203.0.113.9", "Forwarded: for=203.0.113.9", "X-Real-IP: 203.0.113.9"])(
  "requests through a proxy on this machine (%s) get no metrics, except on the metrics port",
  async (header) => {
    for (const path of ["/metrics", "/metrics/apps"]) {
      const { status, text } = await ask("all on one port", `GET ${path} HTTP/1.1`, [
        "Host: localhost",
        header,
      ]);
      expect([status, text]).toEqual([403, expect.stringContaining("set SOKETIFY_METRICS_TOKEN")]);
      expect(
        (await ask("the metrics' port", `GET ${path} HTTP/1.1`, ["Host: localhost", header])).status,
      ).toBe(200);
    }
  },
);

test("a plain GET on the client path is answered with the requirements for a proxy", async () => {
  const { status, text } = await ask("the main port", `GET /app/${apart.app.key} HTTP/1.1`, [
    "Host: localhost",
  ]);
  expect(status).toBe(426);
  expect(text).toMatch(/^Upgrade: websocket$/im);
  expect(text).toMatch(/^Soketify-Help: docs\/reference\/errors\.md#handshake-426$/im);
  expect(text).toContain("A proxy must use HTTP/1.1 and forward the Upgrade and Connection headers");
});

const everyAnswer: readonly (readonly [Name, string, number])[] = [
  ...answered,
  ["all on one port", "/", 404],
  ["all on one port", "/app/key", 426],
  ["all on one port", "/api/v1/openapi.json", 200],
  ["all on one port", "/api/v1/nothing", 404],
  ["all on one port", "/health/ready", 200],
  ["all on one port", "/metrics/apps", 200],
  ["all on one port", "/api/auth/callback/oidc", 404],
  ["all on one port", "/dashboard/assets/none.js", 404],
  ["the dashboard's port", "/", 302],
];

test.each(everyAnswer)(
  "on %s the answer to %s, %p, is never interpreted as another type",
  async (name, path, status) => {
    const answer = await ask(name, `GET ${path} HTTP/1.1`, ["Host: localhost"]);
    expect(answer.status).toBe(status);
    expect(answer.text).toMatch(/^x-content-type-options: nosniff$/im);
  },
);

test("neither are a publish, its refusal and the refusal of a Host", async () => {
  const body = '{"name":"e","channel":"c","data":"1"}';
  const target = signedPath(apart.app, { method: "POST", path: `/apps/${apart.app.id}/events`, body });
  for (const [path, status] of [
    [target, 200],
    [`${target}x`, 401],
  ] as const) {
    const headers = ["Host: localhost", `Content-Length: ${body.length}`];
    const lines = [`POST ${path} HTTP/1.1`, "Connection: close", ...headers, "", body];
    const { statuses, text } = await sendRaw(apart.port, lines.join("\r\n"));
    expect(statuses).toEqual([status]);
    expect(text).toMatch(/^x-content-type-options: nosniff$/im);
  }
  expect((await ask("the main port", "GET / HTTP/1.1", ["Host: a b"])).text).toMatch(/nosniff/i);
});

test.each([
  "Sec-WebSocket-Version: 12",
  "Sec-WebSocket-Version: 8, 13",
  "Sec-WebSocket-Key: short",
  "X-No: 1",
])("neither is the refusal of a WebSocket handshake with the header %s", async (header) => {
  const headers = ["Host: localhost", "Upgrade: websocket", "Connection: Upgrade", header];
  if (!header.includes("Key")) headers.push("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==");
  else headers.push("Sec-WebSocket-Version: 13");
  const { status, text } = await ask("the main port", `GET /app/${apart.app.key} HTTP/1.1`, headers);
  expect(status).toBe(426);
  expect(text).toMatch(/^x-content-type-options: nosniff$/im);
  expect(text).toContain("This path accepts WebSocket version 13 only");
});

const evil = [
  "Host: evil.test",
  "Origin: http://evil.test",
  "X-Forwarded-Host: evil.test",
  "Forwarded: host=evil.test",
];

test.each([
  ["all on one port", "GET", "/dashboard"],
  ["all on one port", "GET", "/dashboard/setup"],
  ["all on one port", "GET", "/api/auth/callback/oidc"],
  ["all on one port", "GET", "/api/v1/openapi.json"],
  ["all on one port", "GET", "/api/v1/server"],
  ["the dashboard's port", "GET", "/"],
  ["all on one port", "POST", "/api/v1/people/invitations"],
  ["the dashboard's port", "POST", "/api/v1/people/invitations"],
] as const)(
  "on %s the answer to %s %s leads to no host that the request named",
  async (name, method, path) => {
    const server = name === "all on one port" ? together : apart;
    const body = JSON.stringify({
      email: `${crypto.randomUUID()}@example.com`,
      role: "viewer",
      appIds: null,
    });
    const headers = [
      ...evil,
      `Authorization: Bearer ${server.adminToken}`,
      ...(method === "GET" ? [] : ["Content-Type: application/json", `Content-Length: ${body.length}`]),
    ];
    const request = [
      `${method} ${path} HTTP/1.1`,
      "Connection: close",
      ...headers,
      "",
      method === "GET" ? "" : body,
    ];
    const { statuses, text } = await sendRaw(ports[name], request.join("\r\n"));
    expect(statuses[0]).toBeLessThan(500);
    // The policy contains the requested host, but only for that browser.
    expect(text.replace(/^content-security-policy: .*$/im, "")).not.toContain("evil.test");
    if (method === "POST") expect(text).toContain(`"url":"${server.adminUrl}/dashboard/invitation#`);
  },
);
