/** Publishing over the HTTP API, with the `pusher` package and with hand-written requests. */
import { expect, test } from "bun:test";
import type { Answer } from "../support/net/http-request.ts";
import { useServer } from "../support/use-server.ts";

const stage = useServer({ isShared: true });

function publish(event: object, headers = {}): Promise<Answer> {
  return stage.api({ method: "POST", path: "/events", body: JSON.stringify(event) }, headers);
}

test("the answer to a trigger is exactly {}", async () => {
  const answer = await publish({ name: "e", channel: "somewhere", data: "{}" });
  expect(answer.status).toBe(200);
  expect(answer.text).toBe("{}");
  expect(answer.headers.get("content-type")).toContain("application/json");
});

test("the connection in socket_id does not receive the event", async () => {
  const sender = await stage.raw();
  const other = await stage.raw();
  await sender.subscribe("all-but-one");
  await other.subscribe("all-but-one");
  await stage.backend().trigger("all-but-one", "e", {}, { socket_id: sender.socketId });
  await other.expect("e");
  await sender.expectNothingMore();
  await stage.backend().triggerBatch([
    { channel: "all-but-one", name: "b", data: 1, socket_id: sender.socketId },
    { channel: "all-but-one", name: "b", data: 2 },
  ]);
  expect((await other.expect("b")).data).toBe("1");
  expect((await sender.expect("b")).data).toBe("2");
});

test("a batch delivers each event and answers {}", async () => {
  const client = await stage.raw();
  await client.subscribe("batch-a");
  await client.subscribe("batch-b");
  const answer = await stage.backend().triggerBatch([
    { channel: "batch-a", name: "one", data: { n: 1 } },
    { channel: "batch-b", name: "two", data: "text" },
  ]);
  expect(await answer.text()).toBe("{}");
  expect(await client.next()).toEqual({ event: "one", channel: "batch-a", data: '{"n":1}' });
  expect(await client.next()).toEqual({ event: "two", channel: "batch-b", data: "text" });
});

test("a trigger with info returns the requested attributes of each channel", async () => {
  const client = await stage.raw();
  const name = "presence-info";
  await client.subscribe(name, stage.backend().authorizeChannel(client.socketId, name, { user_id: "1" }));
  const info = "user_count,subscription_count";
  await stage.changeApp({ settings: { subscriptionCountEnabled: true } });
  const answer = await stage.backend().trigger([name, "info-public", "presence-empty"], "e", {}, { info });
  expect(await answer.json()).toEqual({
    channels: {
      [name]: { user_count: 1, subscription_count: 1 },
      "info-public": { subscription_count: 0 },
      "presence-empty": { user_count: 0, subscription_count: 0 },
    },
  });
  const batch = await stage.backend().triggerBatch([
    { channel: name, name: "e", data: 1, info },
    { channel: "info-public", name: "e", data: 1 },
  ]);
  expect(await batch.json()).toEqual({ batch: [{ user_count: 1, subscription_count: 1 }, {}] });
});

test("parameters may be in the query", async () => {
  const client = await stage.raw();
  await client.subscribe("from-query");
  const answer = await stage.api({
    method: "POST",
    path: "/events",
    query: { name: "q", channel: "from-query" },
    body: JSON.stringify({ data: "{}" }),
  });
  expect(answer.text).toBe("{}");
  await client.expect("q", "from-query");
});

test("events beyond a limit are answered with the texts that SDKs expect", async () => {
  const large = "x".repeat(10_241);
  const tooLarge = await publish({ name: "e", channel: "c", data: large });
  expect(tooLarge.status).toBe(413);
  expect(tooLarge.text).toContain("content of this event");
  expect(tooLarge.text.endsWith("\n")).toBe(true);
  expect(tooLarge.headers.get("content-type")).toContain("text/plain");
  expect((await publish({ name: "e", channel: "c", data: "x".repeat(10_240) })).status).toBe(200);
  const batch = (items: object[]) =>
    stage.api({ method: "POST", path: "/batch_events", body: JSON.stringify({ batch: items }) });
  const event = { name: "e", channel: "c", data: "" };
  const eleven = await batch(Array.from({ length: 11 }, () => event));
  expect([eleven.status, eleven.text]).toEqual([400, "Batch too large (11 > 10)\n"]);
  const plural = await batch([{ name: "e", channels: ["c"], data: "" }]);
  expect([plural.status, plural.text]).toEqual([400, "Missing required parameter: channel\n"]);
  expect((await batch([event, { ...event, data: large }])).status).toBe(413);
});

test("an invalid event is answered with 400 and a plain text reason", async () => {
  const bad: object[] = [
    { channel: "c", data: "" },
    { name: "e", data: "" },
    { name: "e", channel: "c" },
    { name: "", channel: "c", data: "" },
    { name: "e".repeat(201), channel: "c", data: "" },
    { name: "pusher:error", channel: "c", data: "" },
    { name: "pusher_internal:x", channel: "c", data: "" },
    { name: "e", channel: "white space", data: "" },
    { name: "e", channel: "c".repeat(201), data: "" },
    { name: "e", channels: [], data: "" },
    { name: "e", channels: Array.from({ length: 101 }, (_, n) => `c${n}`), data: "" },
    { name: "e", channels: [1], data: "" },
    { name: "e", channel: "c", data: "", socket_id: "not-a-socket" },
    { name: "e", channel: "c", data: "", info: "colour" },
    [],
  ];
  for (const event of bad) {
    const answer = await publish(event);
    expect([JSON.stringify(event).slice(0, 60), answer.status]).toEqual([
      JSON.stringify(event).slice(0, 60),
      400,
    ]);
    expect(answer.text).toMatch(/^[^{<].*\n$/);
  }
  const unknownInfo = await publish({ name: "e", channel: "c", data: "", info: "colour" });
  expect(unknownInfo.text).toContain("info should be a comma separated list of attributes");
});

test("the deprecated trigger takes its raw body as data and answers an empty 202", async () => {
  const client = await stage.raw();
  await client.subscribe("old-way");
  const body = '{"some":"data"}';
  const answer = await stage.api({
    method: "POST",
    path: "/channels/old-way/events",
    query: { name: "e" },
    body,
  });
  expect([answer.status, answer.text]).toEqual([202, ""]);
  expect(await client.next()).toEqual({ event: "e", channel: "old-way", data: body });
});

test("a repeated request with the same idempotency key gets the first answer and delivers nothing", async () => {
  const client = await stage.raw();
  await client.subscribe("once-only");
  const event = { name: "e", channel: "once-only", data: "1" };
  const headers = { "idempotency-key": "order-17" };
  const first = await publish(event, headers);
  const second = await publish(event, headers);
  expect([second.status, second.text]).toEqual([first.status, first.text]);
  await client.expect("e");
  await client.expectNothingMore();
  await publish({ ...event, idempotency_key: "in-the-body" });
  await publish({ ...event, idempotency_key: "in-the-body" });
  await client.expect("e");
  await client.expectNothingMore();
  await publish(event, { "idempotency-key": "order-18" });
  await client.expect("e");
});

test("a hundred concurrent requests with one idempotency key deliver once", async () => {
  const client = await stage.raw();
  await client.subscribe("raced");
  const event = { name: "e", channel: "raced", data: "1" };
  const answers = await Promise.all(
    Array.from({ length: 100 }, () => publish(event, { "idempotency-key": "race" })),
  );
  expect(new Set(answers.map(({ status, text }) => `${status} ${text}`))).toEqual(new Set(["200 {}"]));
  await client.expect("e");
  await client.expectNothingMore();
});

test("events of one publisher arrive in the order of their answers", async () => {
  const client = await stage.raw();
  await client.subscribe("ordered");
  for (let n = 0; n < 50; n++) await publish({ name: "n", channel: "ordered", data: String(n) });
  for (let n = 0; n < 50; n++) expect((await client.expect("n")).data).toBe(String(n));
});
