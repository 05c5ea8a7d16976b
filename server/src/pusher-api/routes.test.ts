import { beforeEach, describe, expect, test } from "bun:test";
import { nobody } from "../../test/support/net/from-nowhere.ts";
import { type PusherApiStage, startPusherApi } from "../../test/support/pusher-api-stage.ts";

let stage: PusherApiStage;

beforeEach(() => {
  stage = startPusherApi({ settings: { eventPayloadBytesMax: 100, eventsPerBatchMax: 2 } });
});

async function post(path: string, body: unknown, headers: Record<string, string> = {}) {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const answer = await stage.ask({ method: "POST", path: `/apps/1${path}`, body: text }, headers);
  return [answer.status, answer.text];
}

async function get(path: string, query: Record<string, string> = {}) {
  const answer = await stage.ask({ method: "GET", path: `/apps/1${path}`, query });
  return [answer.status, answer.text];
}

/** A subscriber of `news` that already received its subscription answer. */
async function reader() {
  const client = stage.connect();
  await client.subscribe("news");
  client.received();
  return client;
}

const event = { name: "e", channel: "news", data: "d" };

test("an event is delivered, and the response is exactly {}", async () => {
  const client = await reader();
  expect(await post("/events", event)).toEqual([200, "{}"]);
  expect(await post("/events", { ...event, channel: null, channels: ["news", "news"] })).toEqual([200, "{}"]);
  expect(client.received()).toEqual(Array(2).fill({ event: "e", channel: "news", data: "d" }));
});

test("numbers in data keep the digits that were sent, in an event and in a batch", async () => {
  const client = await reader();
  const data = '{"id":1234567890123456789,"x":[1.50, 1E400]}';
  const json = `{"data":${data},"name":"e","channel":"news"}`;
  expect(await post("/events", json)).toEqual([200, "{}"]);
  expect(await post("/batch_events", `{"batch":[ ${JSON.stringify(event)}, ${json} ]}`)).toEqual([200, "{}"]);
  const dataOf = (frame: string) => JSON.parse(frame).data;
  expect(client.socket.frames.map(dataOf)).toEqual([data, "d", data]);
});

test("null data is relayed as null even if the query has data", async () => {
  const client = await reader();
  const body = JSON.stringify({ ...event, data: null });
  await stage.ask({ method: "POST", path: "/apps/1/events", query: { data: "d" }, body });
  expect(client.received()).toMatchObject([{ data: null }]);
});

test("data that is not a string is relayed as its JSON", async () => {
  const client = await reader();
  await post("/events", { ...event, data: { a: [1] } });
  expect(client.socket.frames).toEqual([String.raw`{"event":"e","channel":"news","data":"{\"a\":[1]}"}`]);
});

test("all parameters of an event may be in the query, with channels as a list", async () => {
  const client = await reader();
  await client.subscribe("other");
  client.received();
  const trigger = (query: Record<string, string | string[]>, body?: string) =>
    stage.ask({ method: "POST", path: "/apps/1/events", query, ...(body === undefined ? {} : { body }) });
  const all = { name: "e", data: "d", "channels[]": ["news", "other"], info: "subscription_count" };
  expect((await trigger(all)).text).toBe(
    '{"channels":{"news":{"subscription_count":1},"other":{"subscription_count":1}}}',
  );
  await trigger({ name: "e", "channels[]": ["news"] }, '{"data":"from the body"}');
  await trigger({ name: "e", data: "d", channel: "news", socket_id: client.connection.socketId });
  expect(client.received()).toEqual([
    { event: "e", channel: "news", data: "d" },
    { event: "e", channel: "other", data: "d" },
    { event: "e", channel: "news", data: "from the body" },
  ]);
  const unlisted = await trigger({ name: "e", data: "d", channels: "news" });
  expect([unlisted.status, unlisted.text]).toEqual([400, "channels must be an array of strings\n"]);
});

test("info is returned per channel, with the attributes that the channel has", async () => {
  await reader();
  await stage.connect().subscribe("presence-a", { user_id: "ada" });
  const info = "subscription_count,user_count";
  expect(await post("/events", { ...event, channels: ["news", "presence-a", "__proto__"], info })).toEqual([
    200,
    '{"channels":{"news":{"subscription_count":1},"presence-a":{"user_count":1,"subscription_count":1},"__proto__":{"subscription_count":0}}}',
  ]);
});

test("a batch is delivered in order, and requested info is returned by index", async () => {
  const client = await reader();
  const second = { ...event, data: "2", info: "subscription_count" };
  expect(await post("/batch_events", { batch: [event, second] })).toEqual([
    200,
    '{"batch":[{},{"subscription_count":1}]}',
  ]);
  expect(client.received()).toMatchObject([{ data: "d" }, { data: 2 }]);
});

test("the deprecated route takes the whole body as data and answers an empty 202", async () => {
  const client = await reader();
  const path = "/apps/1/channels/news/events";
  const answer = await stage.ask({ method: "POST", path, query: { name: "e" }, body: "raw" });
  expect([answer.status, answer.text]).toEqual([202, ""]);
  expect(client.received()).toEqual([{ event: "e", channel: "news", data: "raw" }]);
});

test("an empty socket_id excludes nobody, in the body as in the query", async () => {
  const client = await reader();
  expect(await post("/events", { ...event, socket_id: "" })).toEqual([200, "{}"]);
  const path = "/apps/1/channels/news/events";
  const query = { name: "e", socket_id: "" };
  expect((await stage.ask({ method: "POST", path, query, body: "raw" })).status).toBe(202);
  expect(client.received()).toHaveLength(2);
});

const deep = `${"[".repeat(1_000)}${"]".repeat(1_000)}`;
const refused: [string, string, unknown, number, string][] = [
  ["a body that is not JSON", "/events", "{", 400, "The request body must be valid JSON"],
  ["a list", "/events", [], 400, "The request body must be a JSON object"],
  ["no name", "/events", { channel: "c", data: "" }, 400, "Missing required parameter: name"],
  ["a name that is a number", "/events", { ...event, name: 1 }, 400, "name must be a string"],
  ["no data", "/events", { name: "e", channel: "c" }, 400, "Missing required parameter: data"],
  ["no channel", "/events", { name: "e", data: "" }, 400, "Missing required parameter: channels"],
  [
    "channels that are a text",
    "/events",
    { ...event, channels: "c" },
    400,
    "channels must be an array of strings",
  ],
  [
    "a channel that is a number",
    "/events",
    { ...event, channels: [1] },
    400,
    "each of channels must be a string",
  ],
  [
    "an unknown info",
    "/events",
    { ...event, info: "x" },
    400,
    'info should be a comma separated list of attributes (user_count, subscription_count, cache), but it has "x"',
  ],
  [
    "data that is nested too deeply",
    "/events",
    `{"name":"e","channel":"c","data":${deep}}`,
    400,
    "data is nested too deeply",
  ],
  [
    "too much data",
    "/events",
    { ...event, data: "x".repeat(101) },
    413,
    "The data content of this event exceeds the allowed maximum (100 bytes)",
  ],
  ["no batch", "/batch_events", {}, 400, "Missing required parameter: batch"],
  ["too large a batch", "/batch_events", { batch: [event, event, event] }, 400, "Batch too large (3 > 2)"],
  [
    "channels in a batch",
    "/batch_events",
    { batch: [{ name: "e", data: "", channels: ["c"] }] },
    400,
    "Missing required parameter: channel",
  ],
  ["a batch of text", "/batch_events", { batch: ["e"] }, 400, "each event of a batch must be a JSON object"],
];

describe("a trigger is rejected and nothing is delivered, with", () => {
  test.each(refused)("%s", async (_what, path, body, status, message) => {
    expect(await post(path, body)).toEqual([status, `${message}\n`]);
    expect([stage.broadcast, stage.bugs]).toEqual([[], []]);
  });
});

test("a batch with one invalid event delivers nothing", async () => {
  const client = await reader();
  const [status] = await post("/batch_events", { batch: [event, { ...event, data: "x".repeat(101) }] });
  expect(status).toBe(413);
  expect(client.received()).toEqual([]);
});

test("a repeated request with the same idempotency key is processed once, by header or by field", async () => {
  const client = await reader();
  const raced = [1, 2, 3].map(() => post("/events", event, { "idempotency-key": "a" }));
  expect(await Promise.all(raced)).toEqual(Array(3).fill([200, "{}"]));
  for (const idempotency_key of ["b", "b"]) await post("/events", { ...event, idempotency_key });
  expect(client.received()).toHaveLength(2);
  expect(await post("/events", event, { "idempotency-key": "x".repeat(256) })).toEqual([
    400,
    "An idempotency key must have 1 to 255 characters\n",
  ]);
});

test("a request above the app's rate receives the time to retry", async () => {
  stage.change({ apiRequestsPerSecondMax: 1 });
  await get("/channels");
  const { status, headers } = await stage.ask({ method: "GET", path: "/apps/1/channels" });
  expect([status, headers.get("retry-after")]).toEqual([429, "1"]);
  // The store reports a changed app once more when it is polled.
  stage.change({ apiRequestsPerSecondMax: 1 });
  expect((await get("/channels"))[0]).toBe(429);
  stage.clock.advance(1_000);
  expect(await get("/channels")).toEqual([200, '{"channels":{}}']);
});

test("a published event is reported with its sender and the number of its recipients", async () => {
  await reader();
  const activities = stage.listen("event_published");
  const body = JSON.stringify({ name: "e", data: "d", channels: ["news", "empty"] });
  await stage.ask({ method: "POST", path: "/apps/1/events", body }, { "User-Agent": "pusher-http-php/7.2" });
  expect(activities).toMatchObject([
    {
      sender: { address: "192.0.2.9", sdk: "pusher-http-php/7.2" },
      reached: { recipients: 1, isLocal: false },
    },
  ]);
});

describe("backends may read", () => {
  beforeEach(async () => {
    await reader();
    for (const user_id of ["ada", "ada", 7]) await stage.connect().subscribe("presence-a", { user_id });
    const event = { name: "e", data: "d", channels: ["cache-a"], exceptSocketId: null };
    await stage.stack.publish.send(stage.app(), event, nobody);
    await stage.connect().subscribe("cache-a");
  });

  const answers: [string, Record<string, string>, number, string][] = [
    ["/channels", {}, 200, '{"channels":{"news":{},"presence-a":{},"cache-a":{}}}'],
    [
      "/channels",
      { filter_by_prefix: "presence-", info: "user_count" },
      200,
      '{"channels":{"presence-a":{"user_count":2}}}',
    ],
    [
      "/channels",
      { info: "user_count" },
      400,
      "user_count may only be requested for presence channels - please supply filter_by_prefix begining with presence-\n",
    ],
    ["/channels/nobody", {}, 200, '{"occupied":false}'],
    ["/channels/news", { info: "subscription_count" }, 200, '{"occupied":true,"subscription_count":1}'],
    ["/channels/cache-a", { info: "cache" }, 200, '{"occupied":true,"cache":{"data":"d","ttl":1800}}'],
    [
      "/channels/presence-a",
      { info: "user_count,subscription_count" },
      200,
      '{"occupied":true,"user_count":2,"subscription_count":3}',
    ],
    [
      "/channels/news",
      { info: "user_count" },
      400,
      "Cannot retrieve the user count unless the channel is a presence channel\n",
    ],
    [
      "/channels/news",
      { info: "cache" },
      400,
      "Cannot retrieve the cache unless the channel is a cache channel\n",
    ],
    [
      "/channels",
      { info: "cache" },
      400,
      "cache may only be requested for one channel: GET /channels/NAME?info=cache\n",
    ],
    ["/channels/presence-a/users", {}, 200, '{"users":[{"id":"ada"},{"id":"7"}]}'],
    ["/channels/presence-b/users", {}, 200, '{"users":[]}'],
    ["/channels/news/users", {}, 400, "Users can only be retrieved for presence channels\n"],
    ["/connections", {}, 200, '{"connections":5}'],
  ];
  test.each(answers)("%s %o", async (path, query, status, text) => {
    expect(await get(path, query)).toEqual([status, text]);
  });
});

test("another method is 405, and the answer names the allowed one", async () => {
  const { status, headers, text } = await stage.send("GET", "/apps/1/events");
  expect([status, headers.get("allow"), text]).toEqual([405, "POST", "GET is not allowed here: use POST\n"]);
});

test("each request is reported with the route's pattern, never with names from the path", async () => {
  const activities = stage.listen("api_request");
  await get("/channels/news");
  await stage.send("GET", "/apps/1/channels/news");
  const route = "/apps/:appId/channels/:channel";
  expect(activities).toMatchObject([
    { appId: "1", method: "GET", route, status: 200 },
    { appId: null, method: "GET", route, status: 401 },
  ]);
});
