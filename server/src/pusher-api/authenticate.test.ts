import { beforeEach, describe, expect, test } from "bun:test";
import type { RequestParts } from "../../test/support/net/http-request.ts";
import { type PusherApiStage, startPusherApi } from "../../test/support/pusher-api-stage.ts";
import { newSecret } from "../core/apps/new-app.ts";
import { hmacSha256 } from "../protocol/signature.ts";

const path = "/apps/1/events";
const body = '{"name":"e","channel":"c","data":"d"}';
/** 2026-01-01, the start of the tests' clock. */
const nowS = 1_767_225_600;
const md5 = (text: string) => Bun.MD5.hash(text, "hex");
let stage: PusherApiStage;

beforeEach(() => {
  stage = startPusherApi();
});

type Signing = NonNullable<RequestParts["signing"]>;

const refused: [string, Signing, string][] = [
  ["no auth_key", { auth_key: null }, "Missing parameter: auth_key"],
  ["an empty auth_key", { auth_key: "" }, "Missing parameter: auth_key"],
  ["another auth_key", { auth_key: "another" }, "Unknown auth_key"],
  ["no auth_version", { auth_version: null }, "Version required"],
  ["another auth_version", { auth_version: "2.0" }, "Version not supported"],
  ["no auth_timestamp", { auth_timestamp: null }, "Timestamp required"],
  [
    "an auth_timestamp in words",
    { auth_timestamp: "now" },
    "Invalid timestamp: auth_timestamp must be Unix time in seconds",
  ],
  [
    "an auth_timestamp of ten minutes ago",
    { auth_timestamp: String(nowS - 600) },
    "Timestamp expired: Given timestamp (2025-12-31T23:50:00Z) not within 600s of server time (2026-01-01T00:00:00Z)",
  ],
  [
    "an auth_timestamp ten minutes ahead",
    { auth_timestamp: String(nowS + 600) },
    "Timestamp expired: Given timestamp (2026-01-01T00:10:00Z) not within 600s of server time (2026-01-01T00:00:00Z)",
  ],
  ["no auth_signature", { auth_signature: null }, "Missing parameter: auth_signature"],
  [
    "a wrong auth_signature",
    { auth_signature: "feed" },
    `Invalid signature: you should have sent HmacSHA256Hex("POST\\n/apps/1/events\\nauth_key=278d425bdf160c739803&auth_timestamp=${nowS}&auth_version=1.0&body_md5=${md5(body)}", your_secret_key), but you sent "feed"`,
  ],
  ["no body_md5", { body_md5: null }, "Missing parameter: body_md5, the MD5 of the body in hex"],
  [
    "the body_md5 of another body",
    { body_md5: md5("another") },
    "Invalid signature: body_md5 is not the MD5 of the received body",
  ],
];

describe("a request is answered 401 with", () => {
  test.each(refused)("%s", async (_what, signing, message) => {
    const answer = await stage.ask({ method: "POST", path, body, signing });
    expect([answer.status, answer.text]).toEqual([401, `${message}\n`]);
    expect(answer.headers.get("content-type")).toBe("text/plain; charset=utf-8");
    expect(answer.headers.get("soketify-help")).toBe("docs/reference/errors.md#http-401");
  });
});

test.each(refused)(
  "a request with %s is reported to the app, without the signature",
  async (_what, signing, message) => {
    const activities = stage.listen("api_request_refused");
    await stage.ask({ method: "POST", path, body, signing }, { "x-pusher-library": "pusher-http-php 7.2.0" });
    const reason = message.includes("you should have sent")
      ? "Invalid signature: the request was not signed with a secret of this app"
      : message;
    expect(activities).toEqual([
      {
        type: "api_request_refused",
        appId: "1",
        method: "POST",
        route: "/apps/:appId/events",
        status: 401,
        reason,
        requests: 1,
        sender: { address: "192.0.2.9", sdk: "pusher-http-php 7.2.0" },
      },
    ]);
  },
);

test("rejected requests of one cause are reported once per second, with their number", async () => {
  const activities = stage.listen("api_request_refused");
  const send = (auth_key: string) => stage.ask({ method: "POST", path, body, signing: { auth_key } });
  for (let sent = 0; sent < 5; sent++) await send("another");
  await send("");
  expect(activities).toMatchObject([
    { reason: "Unknown auth_key", requests: 1 },
    { reason: "Missing parameter: auth_key", requests: 1 },
  ]);
  stage.clock.advance(1_000);
  expect(activities.slice(2)).toMatchObject([{ reason: "Unknown auth_key", requests: 4 }]);
  stage.clock.advance(10_000);
  await send("another");
  expect(activities.slice(3)).toMatchObject([{ reason: "Unknown auth_key", requests: 1 }]);
});

test("more than ten causes in a second are reported together", async () => {
  const activities = stage.listen("api_request_refused");
  for (let sdk = 1; sdk <= 40; sdk++)
    await stage.ask(
      { method: "POST", path, body, signing: { auth_key: "another" } },
      { "user-agent": `sdk ${sdk}` },
    );
  expect(activities).toHaveLength(11);
  stage.clock.advance(1_000);
  expect(activities.slice(11)).toMatchObject([{ sender: { sdk: "sdk 40" }, requests: 29 }]);
});

test("a failed request is reported with its reason and sender, and a successful one without", async () => {
  const activities = stage.listen("api_request");
  await stage.ask({ method: "POST", path, body: "{" }, { "user-agent": "curl/8" });
  await stage.ask({ method: "POST", path, body });
  expect(activities).toMatchObject([
    {
      status: 400,
      failure: { reason: expect.stringContaining("JSON"), sender: { address: "192.0.2.9", sdk: "curl/8" } },
    },
    { status: 200, failure: null },
  ]);
});

test("nothing is reported for an unknown app or a valid request", async () => {
  const activities = stage.listen("api_request_refused");
  await stage.ask({ method: "POST", path: "/apps/2/events", body });
  await stage.ask({ method: "POST", path, body });
  await stage.ask({ method: "POST", path, body: "{" });
  stage.clock.advance(1_000);
  expect(activities).toEqual([]);
});

test("a timestamp just within ten minutes is accepted, before or after the server's time", async () => {
  for (const auth_timestamp of [nowS - 599, nowS + 599].map(String)) {
    expect((await stage.ask({ method: "POST", path, body, signing: { auth_timestamp } })).status).toBe(200);
  }
});

test("the signature is checked before the body is read as JSON", async () => {
  const broken = { method: "POST", path, body: "{" };
  expect((await stage.ask({ ...broken, signing: { auth_signature: "feed" } })).status).toBe(401);
  expect((await stage.ask(broken)).status).toBe(400);
});

test("an app that does not exist is 404, and another app's key for it 401", async () => {
  const answer = await stage.ask({ method: "POST", path: "/apps/2/events", body });
  expect([answer.status, answer.text]).toEqual([404, "Could not find app by id 2\n"]);
});

test("a disabled app is 403, but only for requests signed with its secret", async () => {
  stage.change({}, false);
  const parts = { method: "POST", path, body };
  expect(await stage.ask(parts)).toMatchObject({ status: 403, text: "Application disabled\n" });
  expect((await stage.ask({ ...parts, signing: { auth_signature: "feed" } })).status).toBe(401);
});

test("a pending secret signs requests too", async () => {
  const secrets = [newSecret("active", "x", 0, "old"), newSecret("pending", "x", 0, "new")];
  stage.registry.replace({ ...stage.app(), secrets });
  const query = `auth_key=${stage.app().key}&auth_timestamp=${nowS}&auth_version=1.0`;
  const statuses = ["old", "new", "another"].map(async (secret) => {
    const signature = hmacSha256(secret, `GET\n/apps/1/channels\n${query}`);
    return (await stage.send("GET", `/apps/1/channels?${query}&auth_signature=${signature}`)).status;
  });
  expect(await Promise.all(statuses)).toEqual([200, 200, 401]);
});

test("Python's GET with the MD5 of an empty body is accepted", async () => {
  const signing = { body_md5: md5("") };
  expect((await stage.ask({ method: "GET", path: "/apps/1/channels", signing })).status).toBe(200);
});

test("the key alone identifies the app on the path where Python omits the id", async () => {
  const answer = await stage.ask({ method: "POST", path: "/users/ada/terminate_connections", body: "{}" });
  expect([answer.status, answer.text]).toEqual([200, "{}"]);
});
