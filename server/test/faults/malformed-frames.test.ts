/** Malformed frames and messages: each gets its answer, and affects at most its own connection. */
import { expect, test } from "bun:test";
import { deflateRawSync } from "node:zlib";
import { Neighbour } from "../support/neighbour.ts";
import type { RawClient } from "../support/net/raw-client.ts";
import { encodeFrame, type FrameOptions, opcodes } from "../support/net/websocket-frames.ts";
import { until } from "../support/until.ts";
import { useServer } from "../support/use-server.ts";

const stage = useServer();

/** `error`: a `pusher:error` with a null code, and the connection stays open. A number: it closes with this code. */
type Answer = "error" | "subscription error" | "nothing" | number;

interface Case {
  readonly name: string;
  send(client: RawClient): void;
  readonly answer: Answer;
}

function message(name: string, sent: unknown, answer: Answer = "error"): Case {
  return {
    name,
    send: (client) => client.send(typeof sent === "string" ? sent : JSON.stringify(sent)),
    answer,
  };
}

function bytes(name: string, sent: Uint8Array, answer: Answer): Case {
  return { name, send: (client) => client.sendBytes(sent), answer };
}

function frame(
  name: string,
  opcode: number,
  payload: string | Uint8Array,
  options: FrameOptions,
  answer: Answer,
) {
  return bytes(name, encodeFrame(opcode, payload, options), answer);
}

const ping = '{"event":"pusher:ping"}';
const subscribe = (data: unknown) => ({ event: "pusher:subscribe", data });

const messages: readonly Case[] = [
  message("an empty message", ""),
  message("white space", "   "),
  message("no JSON", "hello"),
  message("JSON cut short", '{"event":"pusher:ping"'),
  message("two JSON values", `${ping}${ping}`),
  message("a byte order mark", `\ufeff${ping}`),
  message("a NUL character", `${ping}\0`),
  message("null", "null"),
  message("a number", "42"),
  message("a string", '"pusher:ping"'),
  message("a list", `[${ping}]`),
  message("no event", {}),
  message("an event that is a number", { event: 7 }),
  message("an event that is an object", { event: { toString: "pusher:ping" } }),
  message("an empty event", { event: "" }),
  message("an event of a backend", { event: "news", channel: "c", data: "x" }),
  message("an unknown pusher: event", { event: "pusher:nonsense", data: {} }),
  message("an event that only the server says", {
    event: "pusher_internal:subscription_succeeded",
    channel: "c",
    data: "{}",
  }),
  message("an event name of 5,000 letters", { event: "x".repeat(5_000) }),
  message("half a surrogate pair as the event", '{"event":"\\ud800"}'),
  message("an event in __proto__", '{"__proto__":{"event":"pusher:ping"}}'),
  message("an event named like a property of every object", { event: "constructor" }),
  message("lists nested 5,000 deep", `${"[".repeat(5_000)}${"]".repeat(5_000)}`),
  message("objects nested 1,500 deep", `${'{"a":'.repeat(1_500)}1${"}".repeat(1_500)}`),
  message("a subscription without data", { event: "pusher:subscribe" }),
  message("a subscription with null", subscribe(null)),
  message("a subscription with a list", subscribe(["c"])),
  message("a subscription with text that is no JSON", subscribe("c")),
  message("a subscription without a channel", subscribe({})),
  message("a channel that is a number", subscribe({ channel: 5 })),
  message("a channel that is an object", subscribe({ channel: {} })),
  message("a channel in __proto__", '{"event":"pusher:subscribe","data":{"__proto__":{"channel":"c"}}}'),
  message("a channel name with a space", subscribe({ channel: "a b" }), "subscription error"),
  message("a channel name of 9,000 letters", subscribe({ channel: "c".repeat(9_000) }), "subscription error"),
  message("an auth that is an object", subscribe({ channel: "private-c", auth: {} })),
  message(
    "channel_data that is an object",
    subscribe({ channel: "presence-c", auth: "a:b", channel_data: {} }),
  ),
  message(
    "a signature that is no hex",
    subscribe({ channel: "private-c", auth: "a:é" }),
    "subscription error",
  ),
  message("an unsubscription without a channel", { event: "pusher:unsubscribe", data: {} }),
  message("an unsubscription from nowhere", { event: "pusher:unsubscribe", data: { channel: "never" } }),
  message("a sign-in without auth", { event: "pusher:signin", data: { user_data: '{"id":"1"}' } }),
  message("a sign-in whose user_data is an object", {
    event: "pusher:signin",
    data: { auth: "a:b", user_data: {} },
  }),
  message("a client event without a channel", { event: "client-x", data: {} }),
  message("a client event in a channel not entered", { event: "client-x", channel: "private-c", data: {} }),
  message("a client event with an empty name", { event: "client-", channel: "private-c", data: {} }),
  message(
    "a client event whose data is nested deep",
    `{"event":"client-x","channel":"private-c","data":${"[".repeat(30_000)}${"]".repeat(30_000)}}`,
  ),
];

const bomb = deflateRawSync(Buffer.alloc(20_000_000));
const frames: readonly Case[] = [
  frame("a binary frame", opcodes.binary, ping, {}, "error"),
  frame("a message of 2 MiB", opcodes.text, "x".repeat(2_097_152), {}, 1009),
  frame("a length of 2^62 bytes", opcodes.text, "x", { claimedBytes: 2 ** 62 }, 1009),
  frame("an unmasked frame", opcodes.text, ping, { isMasked: false }, 1002),
  frame("a reserved bit", opcodes.text, ping, { reservedBits: 1 }, 1002),
  frame("every reserved bit", opcodes.text, ping, { reservedBits: 7 }, 1002),
  frame("a compressed bomb where no compression was agreed", opcodes.text, bomb, { reservedBits: 4 }, 1002),
  frame("reserved opcode 3", 3, ping, {}, 1002),
  frame("reserved opcode 11", 11, ping, {}, 1002),
  frame("invalid UTF-8", opcodes.text, Buffer.from([0x7b, 0xc3, 0x28, 0x7d]), {}, 1007),
  frame("an overlong NUL", opcodes.text, Buffer.from([0xc0, 0x80]), {}, 1007),
  frame("a ping in fragments", opcodes.ping, "x", { isFinal: false }, 1002),
  frame("a ping of 126 bytes", opcodes.ping, "x".repeat(126), {}, 1002),
  frame("a continuation of nothing", opcodes.continuation, ping, {}, 1002),
  bytes(
    "a message inside another's fragments",
    Buffer.concat([encodeFrame(opcodes.text, "{", { isFinal: false }), encodeFrame(opcodes.text, ping)]),
    1002,
  ),
  frame("a close frame of one byte", opcodes.close, Buffer.from([3]), {}, 1002),
  frame("a close frame whose reason is no UTF-8", opcodes.close, Buffer.from([3, 232, 0xff]), {}, 1007),
  frame("a pong that nobody asked for", opcodes.pong, "x", {}, "nothing"),
];

async function expectAnswer(client: RawClient, answer: Answer): Promise<void> {
  switch (answer) {
    case "error":
      expect((await client.expectError()).code).toBeNull();
      break;
    case "subscription error":
      await client.expect("pusher:subscription_error");
      await client.expect("pusher_internal:subscription_error");
      expect((await client.expectError()).code).toBeNull();
      break;
    case "nothing":
      break;
    default:
      expect((await client.waitForClose()).code).toBe(answer);
      return;
  }
  await client.expectNothingMore();
}

for (const { name, send, answer } of [...messages, ...frames]) {
  const outcome = typeof answer === "number" ? `close ${answer}` : answer;
  test(`${name}: ${outcome}`, async () => {
    const neighbour = await Neighbour.moveIn(stage);
    const client = await stage.webSocket();
    send(client);
    await expectAnswer(client, answer);
    await neighbour.isWell();
    neighbour.expectNoSurprise();
  });
}

test("a compression bomb is not inflated, even if compression was offered", async () => {
  const neighbour = await Neighbour.moveIn(stage);
  const client = await stage.webSocket(undefined, {
    headers: ["Sec-WebSocket-Extensions: permessage-deflate"],
  });
  client.sendBytes(encodeFrame(opcodes.text, bomb, { reservedBits: 4 }));
  expect([1002, 1007, 1009]).toContain((await client.waitForClose()).code);
  await neighbour.isWell();
});

test("names of built-in object properties work as names of channels and users", async () => {
  const client = await stage.webSocket();
  for (const channel of ["__proto__", "constructor", "hasOwnProperty"]) {
    await client.subscribe(channel);
    await stage.backend().trigger(channel, "toString", {});
    await client.expect("toString", channel);
  }
  const member = { user_id: "__proto__" };
  const auth = stage.backend().authorizeChannel(client.socketId, "presence-proto", member);
  client.send(subscribe({ channel: "presence-proto", ...auth }));
  const { data } = await client.next();
  expect(String(data)).toContain('"ids":["__proto__"],"hash":{"__proto__":null}');
});

test("a message in one-byte fragments is accepted", async () => {
  const client = await stage.webSocket();
  const text = JSON.stringify(subscribe({ channel: "crumbs" }));
  for (let n = 0; n < text.length; n++) {
    const opcode = n === 0 ? opcodes.text : opcodes.continuation;
    client.sendBytes(encodeFrame(opcode, text[n] ?? "", { isFinal: n === text.length - 1 }));
    if (n === 10) client.sendFrame(opcodes.ping, "between");
  }
  await client.expect("pusher_internal:subscription_succeeded", "crumbs");
});

test("a frame that arrives byte by byte is accepted", async () => {
  const client = await stage.webSocket();
  for (const byte of encodeFrame(opcodes.text, ping)) {
    await new Promise<void>((resolve) => client.tcp.write(Buffer.of(byte), () => resolve()));
  }
  await client.expect("pusher:pong");
});

test("a flood of 20,000 pings is answered or disconnected, and another client is served", async () => {
  const neighbour = await Neighbour.moveIn(stage);
  const client = await stage.webSocket();
  client.sendBytes(
    Buffer.concat(Array.from({ length: 20_000 }, () => encodeFrame(opcodes.ping, "x".repeat(125)))),
  );
  await neighbour.isWell();
  client.send(ping);
  await Promise.race([client.expect("pusher:pong"), client.waitForClose()]);
});

test("messages of a flood beyond the limit are dropped, the client receives an error, and both clients are served", async () => {
  const neighbour = await Neighbour.moveIn(stage);
  const client = await stage.webSocket();
  const one = encodeFrame(
    opcodes.text,
    JSON.stringify({ event: "pusher:unsubscribe", data: { channel: "c" } }),
  );
  client.sendBytes(Buffer.concat(Array.from({ length: 20_000 }, () => one)));
  await neighbour.isWell();
  const isAboutFlood = (text: string) => text.includes("100 per second, in bursts of up to 3000. Dropped: ");
  await client.texts.nextWhere("the sentence about the flood", isAboutFlood);
  await until("an answer to a ping", () => {
    client.send(ping);
    return client.texts.takeAll().some((text) => text.includes("pusher:pong"));
  });
});

test("a connection that is lost in the middle of a frame leaves no state", async () => {
  const neighbour = await Neighbour.moveIn(stage);
  for (let cut = 1; cut < 12; cut++) {
    const client = await stage.webSocket();
    client.sendBytes(encodeFrame(opcodes.text, ping).subarray(0, cut));
    client.tcp.resetAndDestroy();
    await client.waitForClose();
  }
  await neighbour.isWell();
  neighbour.expectNoSurprise();
});
