/** Options of the server: a path prefix, limits, and allowed origins. */
import { expect, test } from "bun:test";
import { request } from "../support/net/http-request.ts";
import { RawClient } from "../support/net/raw-client.ts";
import { until } from "../support/until.ts";
import { subscribe, useServer } from "../support/use-server.ts";

const stage = useServer({
  isOneProcess: true,
  env: {
    SOKETIFY_PATH_PREFIX: "/realtime",
    SOKETIFY_CONNECTIONS_MAX: "3",
    SOKETIFY_CORS_ORIGINS: "https://example.com",
    SOKETIFY_HTTP_FALLBACK_ENABLED: "false",
    SOKETIFY_METRICS_TOKEN: "a-token-for-the-metrics",
  },
});

test("a connection above the process's maximum is answered 503, and accepted once another has closed", async () => {
  const open = [await stage.webSocket(), await stage.webSocket(), await stage.webSocket()];
  using refused = await RawClient.open(stage.server.webSocketUrl());
  expect(refused.upgrade.status).toBe(503);
  expect(refused.upgrade.head).toContain("Soketify-Help: docs/reference/errors.md#handshake-503");
  open[0]?.tcp.end();
  await until("a connection to be accepted", async () => {
    using next = await RawClient.open(stage.server.webSocketUrl());
    return next.upgrade.status === 101;
  });
});

test("everything is served under the path prefix", async () => {
  const client = await stage.pusherJs({}, { wsPath: "/realtime", enabledTransports: ["ws"] });
  const { received } = await subscribe(client, "prefixed");
  const event = { name: "e", channel: "prefixed", data: '{"v":1}' };
  const answer = await stage.api({ method: "POST", path: "/events", body: JSON.stringify(event) });
  expect([answer.status, answer.text]).toEqual([200, "{}"]);
  expect(await received.next("the event")).toEqual({ event: "e", data: { v: 1 } });
});

test("without the HTTP fallbacks pages of every origin can read which option enables them", async () => {
  const { httpUrl, app } = stage.server;
  for (const kind of ["xhr", "xhr_streaming", "xhr_send"]) {
    const url = `${httpUrl}/pusher/app/${app.key}/1/abcdefgh/${kind}?protocol=7`;
    const answers = [await request(url, { method: "OPTIONS" }), await request(url, { method: "POST" })];
    expect(answers.map(({ status }) => status)).toEqual([204, 404]);
    expect(answers[1]?.text).toContain("SOKETIFY_HTTP_FALLBACK_ENABLED=true");
    for (const { headers } of answers) expect(headers.get("access-control-allow-origin")).toBe("*");
  }
});

test("the HTTP API answers pages of an allowed origin, and names no other origin", async () => {
  const url = `${stage.server.httpUrl}/apps/${stage.server.app.id}/channels`;
  const allowed = await request(url, {
    method: "OPTIONS",
    headers: { origin: "https://example.com", "access-control-request-method": "GET" },
  });
  expect(allowed.headers.get("access-control-allow-origin")).toBe("https://example.com");
  const other = await request(url, {
    method: "OPTIONS",
    headers: { origin: "https://evil.test", "access-control-request-method": "GET" },
  });
  expect(other.headers.get("access-control-allow-origin")).toBeNull();
});

test("metrics require their token", async () => {
  const url = `${stage.server.httpUrl}/metrics`;
  expect((await request(url)).status).toBe(401);
  const headers = { authorization: "Bearer a-token-for-the-metrics" };
  const { status, text } = await request(url, { headers });
  expect(status).toBe(200);
  expect(text).toContain("# TYPE soketify_");
});
