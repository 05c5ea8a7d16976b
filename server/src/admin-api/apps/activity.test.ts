import { beforeEach, expect, test } from "bun:test";
import { AdminApiUnderTest } from "../../../test/support/admin-api.ts";
import { fakeConnection } from "../../../test/support/fakes/fake-socket.ts";
import { somebody } from "../../../test/support/management.ts";
import type { EndpointInput } from "../endpoints.ts";
import { isoTime } from "../handlers.ts";

const params = { appId: "1" };
const sender = { address: "192.0.2.9", sdk: "php 7.2" };
let server: AdminApiUnderTest;

beforeEach(async () => {
  server = new AdminApiUnderTest();
  for (const id of ["1", "2"]) await server.management.addApp(somebody, { id });
});

/** One entry of each kind of record, a second apart. Returns the time of the first and of the last one. */
async function past(appId = "1") {
  const { clock, hub } = server.management;
  const firstMs = clock.now();
  const [open, closed] = ["1.1", "2.2"].map((id) => fakeConnection(id, appId, clock.now()).connection);
  if (open === undefined || closed === undefined) throw new Error("There are two connections");
  hub.add(open, false);
  clock.advance(1_000);
  server.activity.emit({ type: "subscribed", appId, connection: open, channel: "orders" });
  clock.advance(1_000);
  await server.call("publishEvent", {
    params: { appId },
    body: { name: "placed", channels: ["orders"], data: "d" },
  });
  clock.advance(1_000);
  const refused = { type: "message_refused", channel: null, code: 4301, message: "Too fast" } as const;
  server.activity.emit({ ...refused, appId, connection: open });
  clock.advance(1_000);
  server.activity.emit({ type: "handshake_refused", appId, appKey: "k", code: 4004, reason: "Full", sender });
  clock.advance(1_000);
  server.activity.emit({
    type: "connection_closed",
    appId,
    connection: closed,
    memberships: [],
    code: 1001,
    reason: "",
  });
  return { firstMs, lastMs: clock.now() };
}

const everything = { from: isoTime(0), limit: 500 };

async function typesOf(query: Partial<EndpointInput<"listActivity", "query">> = {}) {
  const { entries } = await server.call("listActivity", { params, query: { ...everything, ...query } });
  return entries.map(({ type }) => type);
}

test("the stored past of an app is listed as entries of the live feed, newest first", async () => {
  await past("2");
  const { firstMs } = await past();
  const answer = await server.call("listActivity", { params, query: everything });
  expect(answer.entries.map(({ type }) => type)).toEqual([
    "connection_closed",
    "handshake_refused",
    "message_refused",
    "event_published",
    "subscribed",
    "connection_opened",
    "connection_opened",
  ]);
  expect(answer).toMatchObject({ total: 7, hasPublishes: true, nextCursor: null });
  expect(Date.parse(answer.rememberedSince)).toBeLessThanOrEqual(firstMs);
  expect(new Set(answer.entries.map(({ id }) => id)).size).toBe(7);
  expect(answer.entries[3]).toMatchObject({ event: "placed", payload: null, channels: ["orders"] });
});

test("only entries of the time are listed, both ends included, that match the filters, page by page", async () => {
  const { firstMs, lastMs } = await past();
  const at = (second: number) => isoTime(firstMs + second * 1_000);
  expect(await typesOf({ from: at(2), to: at(3) })).toEqual(["message_refused", "event_published"]);
  expect(await typesOf({ from: isoTime(lastMs + 1) })).toEqual([]);
  expect(await typesOf({ socketId: "2.2" })).toEqual(["connection_closed", "connection_opened"]);
  expect(await typesOf({ channel: "ord*", type: "subscribed" })).toEqual(["subscribed"]);
  const first = await server.call("listActivity", { params, query: { ...everything, limit: 3 } });
  const rest = await typesOf({ cursor: first.nextCursor ?? "" });
  expect([first.entries.length, rest]).toEqual([
    3,
    ["event_published", "subscribed", "connection_opened", "connection_opened"],
  ]);
});

test("the answer says since when the records are complete", async () => {
  await past();
  const { connection } = fakeConnection("3.3", "1");
  for (let step = 0; step < 5_001; step++)
    server.activity.emit({ type: "subscribed", appId: "1", connection, channel: "orders" });
  const { rememberedSince } = await server.call("listActivity", { params, query: everything });
  expect(Date.parse(rememberedSince)).toBeGreaterThan(server.management.clock.now() - 5_000);
});
