/** The benchmark's clients for Centrifugo, against a server that implements the part of its JSON protocol that they use. */
import { afterAll, expect, test } from "bun:test";
import { HttpLine } from "../client/http-line.ts";
import { publishRequest } from "../client/publisher.ts";
import { nowMicros, stampedPayload } from "../client/stamp.ts";
import { SubscriberProcess } from "../client/subscriber-process.ts";
import { centrifugoDialect } from "./centrifugo.ts";

const subscriberCount = 3;
const eventCount = 6;
const pings = { sent: 0, answered: 0 };
const refused: string[] = [];
/** The publications in the next frame. */
let waiting: string[] = [];

const server = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  async fetch(request, server) {
    const { pathname } = new URL(request.url);
    if (pathname === "/connection/websocket" && server.upgrade(request)) return;
    const isAllowed = pathname === "/api/publish" && request.headers.get("x-api-key") !== null;
    if (!isAllowed) return new Response(null, { status: 401 });
    const { channel, data } = (await request.json()) as { channel: string; data: string };
    waiting.push(JSON.stringify({ push: { channel, pub: { data } } }));
    if (waiting.length === 2) {
      server.publish("bench", waiting.join("\n"));
      waiting = [];
    }
    return Response.json({ result: {} });
  },
  websocket: {
    message(socket, message) {
      const text = String(message);
      if (text === "{}") pings.answered += 1;
      const { id, connect, subscribe } = JSON.parse(text);
      if (connect !== undefined) socket.send(JSON.stringify({ id, connect: { client: "c", ping: 25 } }));
      else if (subscribe?.channel === "bench") {
        socket.subscribe("bench");
        socket.send(JSON.stringify({ id, subscribe: {} }));
        socket.send("{}");
        pings.sent += 1;
      } else if (text !== "{}") refused.push(text);
    },
  },
});
afterAll(() => server.stop(true));

test("each of several publications in one frame is counted, and pings are answered", async () => {
  const app = { id: "", key: "", secret: "" };
  const target = { host: "127.0.0.1", port: server.port ?? 0, app, dialect: centrifugoDialect };
  const subscribers = await SubscriberProcess.start(target, subscriberCount, ["bench"]);
  const line = await HttpLine.connect(target.port);
  try {
    for (let sequence = 0; sequence < eventCount; sequence++) {
      const data = stampedPayload(200, sequence, nowMicros());
      expect((await line.send(publishRequest(target, "bench", data))).status).toBe(200);
    }
    const deliveries = eventCount * subscriberCount;
    await subscribers.untilDelivered(deliveries, 10_000);
    const report = await subscribers.report(eventCount);
    expect(report).toMatchObject({ deliveries, duplicates: 0, incomplete: 0 });
    expect(report.latency.count).toBe(deliveries);
    expect(pings).toEqual({ sent: subscriberCount, answered: subscriberCount });
    expect(refused).toEqual([]);
  } finally {
    line.close();
    await subscribers.stop();
  }
});
