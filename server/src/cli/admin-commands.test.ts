/** Runs the commands against a server that records the requests. */
import { afterAll, beforeEach, expect, spyOn, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describedApp } from "../../test/support/described-app.ts";
import { runCommand } from "./program.ts";

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly token: string | null;
  readonly body: unknown;
}

const folder = mkdtempSync(join(tmpdir(), "soketify-commands-"));
const tokenFile = join(folder, "token");
writeFileSync(tokenFile, "sfy_test\n");
const asked: Asked[] = [];
let answer: Response = Response.json({});
const fake = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  async fetch(request) {
    const text = await request.text();
    const { pathname, search } = new URL(request.url);
    // Each command first asks whether 12 is an app's id.
    if (request.method === "GET" && pathname === "/api/v1/apps/12") return Response.json({ app });
    asked.push({
      method: request.method,
      path: pathname + search,
      token: request.headers.get("authorization"),
      body: text === "" ? null : JSON.parse(text),
    });
    return answer;
  },
});
const output: string[] = [];
const errors: string[] = [];
const spies = [
  spyOn(process.stdout, "write").mockImplementation((text) => output.push(String(text)) > 0),
  spyOn(process.stderr, "write").mockImplementation((text) => errors.push(String(text)) > 0),
];

beforeEach(() => {
  for (const list of [asked, output, errors]) list.length = 0;
});
afterAll(async () => {
  for (const spy of spies) spy.mockRestore();
  await fake.stop(true);
  rmSync(folder, { recursive: true });
});

function run(...args: string[]): Promise<number> {
  const noServer = () => Promise.reject(new Error("The command must not create a server if a URL is given"));
  const url = args.includes("--url") ? [] : ["--url", fake.url.href];
  return runCommand([...args, ...url, "--token-file", tokenFile], noServer);
}

const createWebhook = ["webhook", "create", "12", "https://a.test", "--event", "cache_miss"];
const app = describedApp("12", "k", "Shop");
const secret = {
  id: "s2",
  state: "pending",
  createdAt: "2026-01-02T03:04:05.000Z",
  createdBy: "cli",
  activatedAt: null,
  revokedAt: null,
  ageMs: 0,
  lastUsed: { httpApi: null, channelAuthorization: null, signIn: null },
  lastUsedAt: null,
};

test("trigger publishes to the channel with the given token", async () => {
  answer = Response.json({ recipients: 3, isLocal: false });
  expect(await run("trigger", "12", "my-channel", "my-event", '{"a":1}')).toBe(0);
  expect(asked).toEqual([
    {
      method: "POST",
      path: "/api/v1/apps/12/events",
      token: "Bearer sfy_test",
      body: { name: "my-event", data: '{"a":1}', channels: ["my-channel"] },
    },
  ]);
  expect(output.join("")).toMatch(/delivered to\s+3 connections/);
  answer = Response.json({ recipients: 0, isLocal: false });
  expect(await run("trigger", "12", "my-channel", "my-event", "{}")).toBe(0);
  expect(output.join("")).toMatch(/delivered to\s+0 connections/);
});

test("webhook replay sends one delivery again, or all that were given up, and requires one of the two", async () => {
  answer = Response.json({ replayed: 4 });
  expect(await run("webhook", "replay", "12", "wh_1", "--given-up")).toBe(0);
  expect(asked).toMatchObject([{ method: "POST", path: "/api/v1/apps/12/webhooks/wh_1/replay" }]);
  expect(output.join("")).toMatch(/replayed\s+4/);
  expect(await run("webhook", "replay", "12", "wh_1")).not.toBe(0);
  expect(await run("webhook", "replay", "12", "wh_1", "d1", "--given-up")).not.toBe(0);
  expect(asked).toHaveLength(1);
  expect(errors.join("")).toContain("Give either the id of a delivery, or --given-up");
});

test("webhook create sends the values of the flags", async () => {
  const filters = { prefix: ["a-", "b-"], suffix: [], glob: [] };
  const webhook = {
    id: "wh_1",
    url: "https://example.com/hook",
    events: ["cache_miss"],
    batching: true,
    filters,
    headerNames: [],
    enabled: true,
    disabledReason: null,
    createdAt: "2026-01-02T03:04:05.000Z",
  };
  answer = Response.json({ webhook }, { status: 201 });
  const flags = ["--event", "cache_miss", "--batching", "--prefix", "a-", "b-"];
  expect(await run("webhook", "create", "12", webhook.url, ...flags)).toBe(0);
  const body = { url: webhook.url, events: ["cache_miss"], batching: true, filters };
  expect(asked[0]).toMatchObject({ method: "POST", path: "/api/v1/apps/12/webhooks", body });
  expect(output.join("")).toContain("wh_1");
});

test("webhook deliveries filters by one state", async () => {
  answer = Response.json({ deliveries: [], nextCursor: null });
  expect(await run("webhook", "deliveries", "12", "wh_1", "--state", "dead")).toBe(0);
  expect(asked[0]?.path).toBe("/api/v1/apps/12/webhooks/wh_1/deliveries?limit=100&state=dead");
});

test("secret rotate prints the new value and the next command", async () => {
  answer = Response.json({ secret: { ...secret, value: "the-new-secret" } }, { status: 201 });
  expect(await run("secret", "rotate", "12", "--force")).toBe(0);
  expect(asked[0]?.body).toEqual({ force: true });
  expect(output.join("")).toContain("the-new-secret");
  expect(output.join("")).toContain("soketify secret activate 12");
});

test("--json prints the answer as JSON, and nodes that did not answer are named as an error", async () => {
  const unanswered = [{ id: "b", name: "node-b" }];
  answer = Response.json({ secrets: [secret], users: [], activation: null, unanswered });
  expect(await run("secret", "list", "12", "--json")).toBe(0);
  expect(JSON.parse(output.join(""))).toEqual([secret]);
  expect(errors.join("")).toContain("node-b did not answer in time");
});

test("an error of the server is printed with its message and its documentation and ends with exit code 1", async () => {
  const problem = {
    type: "about:blank",
    title: "Conflict",
    status: 409,
    detail: "Used a moment ago",
    code: "secret_in_use",
    help: "docs/reference/errors.md#secret_in_use",
  };
  answer = Response.json(problem, { status: 409 });
  expect(await run("secret", "activate", "12")).toBe(1);
  expect(errors.join("")).toBe(
    "Used a moment ago (secret_in_use)\nSee docs/reference/errors.md#secret_in_use\n",
  );
});

test("every problem in a request is printed once", async () => {
  const issues = [
    { path: "url", message: "Invalid URL" },
    { path: "", message: "too many" },
  ];
  const problem = { type: "about:blank", title: "Invalid request", status: 400, code: "invalid_request" };
  answer = Response.json({ ...problem, detail: "url: Invalid URL", issues }, { status: 400 });
  expect(await run("app", "create")).toBe(1);
  expect(errors.join("")).toBe("url: Invalid URL (invalid_request)\nrequest: too many (invalid_request)\n");
});

test.each([
  [["app", "update", "12", "--enable", "--disable"], "cannot be used with"],
  [
    ["webhook", "create", "12", "https://example.com/", "--event", "wrong"],
    "channel_occupied, channel_vacated",
  ],
  [["webhook", "deliveries", "12", "34", "--state", "wrong"], "pending, delivered, dead"],
  [["listen", "12", "--type", "wrong"], "client_event"],
  [["token", "create", "ci", "--scope", "wrong"], "app:123456"],
  [["token", "create", "ci", "--expires", "tomorrow"], "2030-01-31T00:00:00Z"],
])("%p is rejected with the correct usage before any request", async (args, reported) => {
  expect(await run(...args)).toBe(2);
  expect(errors.join("")).toContain(reported);
  expect(asked).toEqual([]);
});

test("an invalid URL is reported as a wrong value", async () => {
  expect(await run("app", "list", "--url", "ws.example.com")).toBe(2);
  expect(errors.join("")).toBe(
    '--url (SOKETIFY_URL) must be a URL such as https://ws.example.com. "ws.example.com" is not.\n',
  );
});

test("a missing argument ends with exit code 2", async () => {
  expect(await run("secret", "rotate")).toBe(2);
  expect(asked).toEqual([]);
});

test.each([
  [[], ["read"]],
  [
    ["--scope", "admin", "app:12"],
    ["admin", "app:12"],
  ],
])("a token with %p gets the permissions %p", async (flags, scopes) => {
  answer = Response.json({}, { status: 500 });
  await run("token", "create", "ci", ...flags);
  expect(asked[0]?.body).toEqual({ name: "ci", scopes, expiresAt: null });
});

test("names in a path are escaped", async () => {
  answer = new Response(null, { status: 204 });
  expect(await run("token", "revoke", "../apps")).toBe(0);
  expect(asked[0]?.path).toBe("/api/v1/tokens/..%2Fapps");
});

test("listen prints one line per entry and reports dropped entries", async () => {
  const entry = { id: "1", at: "2026-01-02T03:04:05.678Z", type: "channel_occupied", channel: "my-channel" };
  const stream = `id: 1-0\nevent: position\ndata: {}\n\nevent: activity\ndata: ${JSON.stringify(entry)}\n\nevent: gap\ndata: {"dropped":3,"reason":"slow"}\n\n`;
  answer = new Response(stream, { headers: { "content-type": "text/event-stream" } });
  expect(await run("listen", "12", "--channel", "my-*")).toBe(0);
  expect(asked[0]?.path).toBe("/api/v1/apps/12/live?channel=my-*");
  expect(output).toEqual([
    "03:04:05.678 channel_occupied   channel=my-channel\n",
    "— 3 entries were dropped (slow) —\n",
  ]);
});

test("no response of the server can control the terminal", async () => {
  const hostile = "\x1b]0;owned\x07\x9b31m\u202e\r\nforged";
  const shown = "\\u001b]0;owned\\u0007\\u009b31m\\u202e\\r\\nforged";
  const entry = { id: "1", at: "2026-01-02T03:04:05.678Z", type: "channel_occupied", channel: hostile };
  const stream = `event: activity\ndata: ${JSON.stringify(entry)}\n\n`;
  const headers = { "content-type": "text/event-stream" };
  answer = new Response(stream, { headers });
  await run("listen", "12");
  answer = new Response(stream, { headers });
  await run("listen", "12", "--json");
  expect(output.join("").match(/\n/g)).toHaveLength(2);
  answer = Response.json({ secret: { ...secret, createdBy: hostile, value: hostile } });
  await run("secret", "rotate", "12");
  answer = Response.json(
    { type: "x", title: "x", status: 404, detail: hostile, code: "app_not_found" },
    { status: 404 },
  );
  await run("app", "delete", "12");
  await run("no\x1b[1msuch");
  expect([...output, ...errors].join("")).not.toMatch(/[^\P{Cc}\n]|\p{Bidi_Control}/u);
  expect(output.filter((line) => line.includes(shown))).toHaveLength(3);
});

test.each(["<html>a login page</html>", '{"apps":"none"}'])(
  "an answer %s of another program is reported as such",
  async (text) => {
    answer = new Response(text);
    expect(await run("app", "list")).toBe(1);
    expect(errors.join("")).toContain("sent a response that this release's admin API does not send");
  },
);

test.each([
  ["--token", ["app", "list", "--token", "hush"]],
  ["--secret", ["app", "create", "--secret", "hush"]],
  ["--header Authorization", [...createWebhook, "--header", "Authorization: hush"]],
  ["--header X-Api-Key", ["webhook", "update", "12", "w1", "--header", "X-Api-Key: hush"]],
])("%s is rejected because other users of the machine could read the secret", async (flag, args) => {
  expect(await run(...args)).toBe(2);
  expect(errors.join("")).toStartWith(`${flag} would show a secret in the process list`);
  expect(errors.join("")).not.toContain("hush");
  expect(asked).toEqual([]);
});

test("a webhook's secret headers come from a file, in addition to others from flags", async () => {
  const headers = join(folder, "headers");
  writeFileSync(headers, "Authorization: Bearer hush\n\nX-Key:1\n");
  answer = new Response("{}", { status: 418 });
  const args = [...createWebhook, "--header", "X-Team: shop"];
  await run(...args, "--header-file", headers);
  expect(asked[0]?.body).toMatchObject({
    headers: { Authorization: "Bearer hush", "X-Key": "1", "X-Team": "shop" },
  });
  writeFileSync(headers, "X: 1\nno colon, hush\n");
  expect(await run(...args, "--header-file", headers)).toBe(2);
  expect(errors.join("")).toContain(`Line 2 of ${headers} must be name:value`);
  expect(errors.join("")).not.toContain("hush");
});
