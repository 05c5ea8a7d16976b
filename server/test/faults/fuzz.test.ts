/**
 * Random frames and requests from a seed. `FUZZ_RUNS=5000` runs more of them; a failure prints its seed and path,
 * and `FUZZ_SEED=…` runs that one again.
 */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { Neighbour } from "../support/neighbour.ts";
import { signedPath } from "../support/net/http-request.ts";
import { sendRaw } from "../support/net/raw-http.ts";
import { encodeFrame, opcodes } from "../support/net/websocket-frames.ts";
import { useServer } from "../support/use-server.ts";

const stage = useServer();
const numRuns = Number(process.env.FUZZ_RUNS ?? 60);
const seed = process.env.FUZZ_SEED === undefined ? {} : { seed: Number(process.env.FUZZ_SEED) };

const words = [
  "pusher:subscribe",
  "pusher:unsubscribe",
  "pusher:signin",
  "pusher:ping",
  "pusher:pong",
  "client-x",
  "private-a",
  "presence-a",
  "cache-a",
  "a",
  "#server-to-user-1",
  "__proto__",
  "constructor",
  "",
  "event",
  "channel",
  "channels",
  "data",
  "auth",
  "channel_data",
  "user_data",
  "user_id",
  "id",
  "name",
  "batch",
];
const word = fc.oneof(fc.constantFrom(...words), fc.string({ unit: "binary", maxLength: 40 }));
const leaf = fc.oneof(word, fc.integer(), fc.double(), fc.boolean(), fc.constant(null));
const { value } = fc.letrec((tie) => ({
  value: fc.oneof({ depthSize: "small", withCrossShrink: true }, leaf, tie("list"), tie("object")),
  list: fc.array(tie("value"), { maxLength: 4 }),
  object: fc.dictionary(word, tie("value"), { maxKeys: 4 }),
}));

/** Almost valid: the shape of a message with random values. */
const message = fc.oneof(
  fc.record({ event: word, channel: fc.oneof(word, value), data: value }, { requiredKeys: [] }),
  fc.record({
    event: fc.constant("pusher:subscribe"),
    data: fc.record({ channel: word, auth: value, channel_data: value }, { requiredKeys: ["channel"] }),
  }),
  fc.record({ event: fc.constant("pusher:signin"), data: fc.record({ auth: word, user_data: word }) }),
  value,
);

const text = fc.oneof(
  message.map((json) => JSON.stringify(json)),
  fc.tuple(message, fc.nat(), fc.string({ unit: "binary", maxLength: 3 })).map(([json, at, noise]) => {
    const whole = JSON.stringify(json) ?? "";
    const cut = whole.length === 0 ? 0 : at % whole.length;
    return whole.slice(0, cut) + noise + whole.slice(cut + 1);
  }),
);

const wellFormedFrame = text.map((payload) => encodeFrame(opcodes.text, payload));
const anyFrame = fc
  .record({
    opcode: fc.oneof({ weight: 3, arbitrary: fc.constantFrom(0, 1) }, fc.nat({ max: 15 })),
    payload: fc.oneof(
      text.map((payload) => Buffer.from(payload)),
      fc.uint8Array({ maxLength: 200 }),
    ),
    isFinal: fc.boolean(),
    isMasked: fc.oneof({ weight: 9, arbitrary: fc.constant(true) }, fc.constant(false)),
    reservedBits: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, fc.nat({ max: 7 })),
  })
  .map(({ opcode, payload, ...options }) => encodeFrame(opcode, payload, options));

/** Every frame of the server is a message of the protocol: an event with data that is a string, except in an error. */
function expectWellFormed(received: string): void {
  const { event, data } = JSON.parse(received) as { event: unknown; data: unknown };
  expect(typeof event).toBe("string");
  if (event !== "pusher:error") expect(typeof data).toBe("string");
  else expect(data).toMatchObject({ message: expect.any(String) });
}

test("no sequence of messages breaks the server, its answers, or the connection", async () => {
  const neighbour = await Neighbour.moveIn(stage);
  await fc.assert(
    fc.asyncProperty(fc.array(wellFormedFrame, { minLength: 1, maxLength: 40 }), async (frames) => {
      const client = await stage.webSocket();
      client.sendBytes(Buffer.concat(frames));
      client.send({ event: "pusher:subscribe", data: { channel: "after-the-noise" } });
      await client.texts.nextWhere("an answer to a good message", (received) => {
        expectWellFormed(received);
        return received.includes('"after-the-noise"') || received.includes("pusher:error");
      });
      client[Symbol.dispose]();
      await neighbour.isWell();
    }),
    { numRuns, ...seed },
  );
  neighbour.expectNoSurprise();
});

test("no sequence of valid and invalid frames affects more than its own connection", async () => {
  const neighbour = await Neighbour.moveIn(stage);
  await fc.assert(
    fc.asyncProperty(fc.array(anyFrame, { minLength: 1, maxLength: 20 }), async (frames) => {
      const client = await stage.webSocket();
      client.sendBytes(Buffer.concat(frames));
      client.tcp.end();
      await client.waitForClose();
      for (const received of client.texts.takeAll()) expectWellFormed(received);
      await neighbour.isWell();
    }),
    { numRuns, ...seed },
  );
  neighbour.expectNoSurprise();
});

const apiPath = fc.oneof(
  fc.constantFrom(
    "/events",
    "/batch_events",
    "/channels",
    "/channels/a",
    "/channels/presence-a/users",
    "/connections",
  ),
  fc.constantFrom(
    "/users/1/terminate_connections",
    "/channels/a/events",
    "/channels/a/stats",
    "/nowhere",
    "/",
  ),
  fc.webPath(),
);
const event = fc.record(
  {
    name: fc.oneof(word, value),
    channel: fc.oneof(word, value),
    channels: value,
    data: value,
    socket_id: value,
    info: value,
  },
  { requiredKeys: [] },
);
const body = fc.oneof(
  event.map((json) => JSON.stringify(json)),
  fc.array(event, { maxLength: 12 }).map((batch) => JSON.stringify({ batch })),
  text,
);
const request = fc.record({
  method: fc.constantFrom("GET", "POST", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"),
  path: apiPath,
  query: fc.dictionary(
    fc.constantFrom("info", "filter_by_prefix", "name", "channel", "socket_id", "x"),
    fc.string({ unit: "binary", maxLength: 20 }).filter((sent) => sent.isWellFormed()),
    { maxKeys: 3 },
  ),
  body,
});

test("every signed request is answered as the API documents", async () => {
  const neighbour = await Neighbour.moveIn(stage);
  await fc.assert(
    fc.asyncProperty(request, async ({ method, path, query, body }) => {
      const { app, port } = stage.server;
      const sent = method === "POST" ? body.toWellFormed() : "";
      const target = signedPath(app, { method, path: `/apps/${app.id}${path}`, query, body: sent });
      const head = `${method} ${target} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n`;
      const { statuses } = await sendRaw(
        port,
        Buffer.from(`${head}Content-Length: ${Buffer.byteLength(sent)}\r\n\r\n${sent}`),
      );
      expect(statuses).toHaveLength(1);
      expect([200, 202, 204, 400, 401, 404, 405, 413]).toContain(statuses[0] ?? 0);
      await neighbour.isWell();
    }),
    { numRuns, ...seed },
  );
  neighbour.expectNoSurprise();
});

test("no bytes on the port end the server", async () => {
  const neighbour = await Neighbour.moveIn(stage);
  const start = fc.constantFrom(
    "",
    "GET /",
    "POST /apps/1/events HTTP/1.1\r\n",
    "GET /app/x HTTP/1.1\r\nUpgrade: ",
  );
  await fc.assert(
    fc.asyncProperty(start, fc.uint8Array({ maxLength: 300 }), async (beginning, noise) => {
      const bytes = Buffer.concat([Buffer.from(beginning), noise]);
      const { statuses } = await sendRaw(stage.server.port, bytes, { endsAfterSending: true });
      for (const status of statuses) expect(status === 505 || status < 500).toBe(true);
      await neighbour.isWell();
    }),
    { numRuns, ...seed },
  );
  neighbour.expectNoSurprise();
});
