/** The default limit of connections from one address: it distinguishes clients behind proxies from the proxy. */
import { afterEach, expect, test } from "bun:test";
import { request } from "../support/net/http-request.ts";
import { RawClient } from "../support/net/raw-client.ts";
import { until } from "../support/until.ts";
import { useServer } from "../support/use-server.ts";

const connectionsMax = 8;
const perAddress = connectionsMax / 4;

const stage = useServer({
  isOneProcess: true,
  env: {
    SOKETIFY_CONNECTIONS_MAX: String(connectionsMax),
    SOKETIFY_TRUSTED_PROXIES: "127.0.0.1",
  },
});

afterEach(async () => {
  await until("all connections to be closed", async () => {
    const { text } = await request(`${stage.server.httpUrl}/metrics`);
    return /^soketify_connections 0$/m.test(text);
  });
});

/** Opens connections from this address, which stay open until the end of the test. Returns their statuses. */
async function open(stack: DisposableStack, count: number, forwardedFor: string | null): Promise<number[]> {
  const headers = forwardedFor === null ? [] : [`X-Forwarded-For: ${forwardedFor}`];
  const statuses: number[] = [];
  for (let opened = 0; opened < count; opened++) {
    const client = stack.use(await RawClient.open(stage.server.webSocketUrl(), { headers }));
    statuses.push(client.upgrade.status);
  }
  return statuses;
}

test("each client behind a trusted proxy may have a quarter of the connections", async () => {
  using stack = new DisposableStack();
  expect(await open(stack, perAddress + 1, "203.0.113.9")).toEqual([101, 101, 429]);
  expect(await open(stack, 1, "2001:db8::1")).toEqual([101]);
  expect(await open(stack, 2, "2001:db8::2")).toEqual([101, 429]);
  expect(await open(stack, 1, "203.0.113.10")).toEqual([101]);
  const warnings = stage.server.log.match(/Too many connections from [^"]*SOKETIFY_TRUSTED_PROXIES/g);
  expect(warnings).toEqual([
    expect.stringContaining("Too many connections from 203.0.113.9: at most 2 at once"),
  ]);
});

test.each([null, "10.0.0.7"])(
  "an address shared by many clients (X-Forwarded-For: %p) may have all connections",
  async (forwardedFor) => {
    using stack = new DisposableStack();
    expect(await open(stack, perAddress + 2, forwardedFor)).toEqual([101, 101, 101, 101]);
  },
);

test.each<[string, Record<string, string>, number]>([
  ["this machine", {}, 200],
  ["a stranger behind a proxy", { "X-Forwarded-For": "203.0.113.9" }, 403],
  ["this machine behind a proxy", { "X-Forwarded-For": "127.0.0.1" }, 403],
  ["a page of another site", { Host: "evil.test" }, 403],
])("without a token the metrics are not public: %s", async (_, headers, status) => {
  for (const path of ["/metrics", "/metrics/apps"]) {
    const answer = await request(`${stage.server.httpUrl}${path}`, { headers });
    expect([path, answer.status]).toEqual([path, status]);
    if (status === 403) expect(answer.text).toContain("SOKETIFY_METRICS_TOKEN");
  }
});
