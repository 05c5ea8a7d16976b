import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { parseClientMessage } from "./client-message.ts";
import { EventRefused } from "./errors.ts";

const understood: [string, string, object][] = [
  ["a ping", '{"event":"pusher:ping","data":{}}', { type: "ping" }],
  ["a ping without data, as Java sends it", '{"event": "pusher:ping"}', { type: "ping" }],
  ["a pong", '{"event":"pusher:pong","data":{}}', { type: "pong" }],
  [
    "a public subscription with an empty auth, as pusher-js sends it",
    '{"event":"pusher:subscribe","data":{"auth":"","channel":"c"}}',
    { type: "subscribe", channel: "c", auth: "", channelData: null, recover: null },
  ],
  [
    "a public subscription with nothing but a channel",
    '{"event":"pusher:subscribe","data":{"channel":"c"}}',
    { type: "subscribe", channel: "c", auth: "", channelData: null, recover: null },
  ],
  [
    "a subscription whose auth and channel_data are null",
    '{"event":"pusher:subscribe","data":{"channel":"c","auth":null,"channel_data":null}}',
    { type: "subscribe", channel: "c", auth: "", channelData: null, recover: null },
  ],
  [
    "channel_data to the letter, since it is what was signed",
    String.raw`{"event":"pusher:subscribe","data":{"channel":"presence-c","auth":"k:s","channel_data":"{ \"user_id\" : \"1\" }"}}`,
    {
      type: "subscribe",
      channel: "presence-c",
      auth: "k:s",
      channelData: '{ "user_id" : "1" }',
      recover: null,
    },
  ],
  [
    "data that is a string of JSON",
    String.raw`{"event":"pusher:subscribe","data":"{\"channel\":\"c\"}"}`,
    { type: "subscribe", channel: "c", auth: "", channelData: null, recover: null },
  ],
  [
    "an unsubscription",
    '{"event":"pusher:unsubscribe","data":{"channel":"c"}}',
    { type: "unsubscribe", channel: "c" },
  ],
  [
    "a sign-in",
    String.raw`{"event":"pusher:signin","data":{"auth":"k:s","user_data":"{\"id\":\"7\"}"}}`,
    { type: "sign-in", auth: "k:s", userData: '{"id":"7"}' },
  ],
];

describe("a client may send", () => {
  test.each(understood)("%s", (_what, frame, message) => {
    expect<object>(parseClientMessage(frame)).toEqual(message);
  });
});

const relayed: [string, string, string][] = [
  ["a string, to the letter", String.raw`"{ \"a\": 1 }"`, '{ "a": 1 }'],
  ["an object, as its JSON was sent", '{ "a": [1, null] }', '{ "a": [1, null] }'],
  ["a number, with the digits that it has", "1.50", "1.50"],
  [
    "numbers that no double holds",
    '{"id":1234567890123456789,"x":1E400}',
    '{"id":1234567890123456789,"x":1E400}',
  ],
  ["null, as its JSON", "null", "null"],
  ["an object with the key __proto__, with that key", '{"__proto__":{"a":1}}', '{"__proto__":{"a":1}}'],
];

describe("the data of a client event is relayed", () => {
  test.each(relayed)("%s", (_what, json, data) => {
    const message = parseClientMessage(`{"event":"client-x","channel":"private-c","data":${json}}`);
    expect(message).toEqual({ type: "client-event", event: "client-x", channel: "private-c", data });
  });

  test("from the last of two `data` members, and not from a nested one", () => {
    const frame = '{"data":{"data":1.0},"event":"client-x","data":{"data":2.0},"channel":"private-c"}';
    expect(parseClientMessage(frame)).toMatchObject({ data: '{"data":2.0}' });
  });

  test("as null if it is absent", () => {
    const message = parseClientMessage('{"event":"client-x","channel":"private-c"}');
    expect(message).toMatchObject({ data: "null" });
  });
});

const isUnknown =
  "a client may send pusher:subscribe, pusher:unsubscribe, pusher:signin, pusher:ping, pusher:pong and client-* events";

const refused: [string, string, string][] = [
  ["nothing", "", "A message must be valid JSON"],
  ["half a frame", '{"event":', "A message must be valid JSON"],
  ["two frames", '{"event":"pusher:ping"}{"event":"pusher:ping"}', "A message must be valid JSON"],
  ["a list", '[{"event":"pusher:ping"}]', "A message must be a JSON object"],
  ["null", "null", "A message must be a JSON object"],
  ["a bare text", '"pusher:ping"', "A message must be a JSON object"],
  ["no event", "{}", "A message must have an event, a string"],
  ["an event that is a number", '{"event":1}', "A message must have an event, a string"],
  [
    "an event that only __proto__ has",
    '{"__proto__":{"event":"pusher:ping"}}',
    "A message must have an event, a string",
  ],
  ["an event that nobody knows", '{"event":"hello"}', `Unknown event hello: ${isUnknown}`],
  [
    "an event that every object inherits",
    '{"event":"constructor"}',
    `Unknown event constructor: ${isUnknown}`,
  ],
  ["what only the server says", '{"event":"pusher:error"}', `Unknown event pusher:error: ${isUnknown}`],
  [
    "an event with an endless name",
    `{"event":"${"x".repeat(70)}"}`,
    `Unknown event ${"x".repeat(60)}…: ${isUnknown}`,
  ],
  [
    "a subscription without data",
    '{"event":"pusher:subscribe"}',
    "pusher:subscribe: data must be a JSON object",
  ],
  [
    "data that is a list",
    '{"event":"pusher:subscribe","data":[]}',
    "pusher:subscribe: data must be a JSON object",
  ],
  ["data that is text", '{"event":"pusher:signin","data":"{"}', "pusher:signin: data must be valid JSON"],
  ["no channel", '{"event":"pusher:subscribe","data":{}}', "pusher:subscribe: data.channel must be a string"],
  [
    "a channel that only __proto__ has",
    '{"event":"pusher:subscribe","data":{"__proto__":{"channel":"c"}}}',
    "pusher:subscribe: data.channel must be a string",
  ],
  [
    "an auth that is a number",
    '{"event":"pusher:subscribe","data":{"channel":"c","auth":1}}',
    "pusher:subscribe: data.auth must be a string",
  ],
  [
    "channel_data that is an object",
    '{"event":"pusher:subscribe","data":{"channel":"c","channel_data":{"user_id":"1"}}}',
    "pusher:subscribe: data.channel_data must be a string of JSON",
  ],
  [
    "an unsubscription from a number",
    '{"event":"pusher:unsubscribe","data":{"channel":1}}',
    "pusher:unsubscribe: data.channel must be a string",
  ],
  [
    "a sign-in without auth",
    '{"event":"pusher:signin","data":{}}',
    "pusher:signin: data.auth must be a string",
  ],
  [
    "a sign-in without user_data",
    '{"event":"pusher:signin","data":{"auth":"k:s"}}',
    "pusher:signin: data.user_data must be a string",
  ],
  [
    "a client event without channel",
    '{"event":"client-x"}',
    "client-x: a client event must have a channel, a string",
  ],
  [
    "a client event whose data is bottomless",
    `{"event":"client-x","channel":"private-c","data":${"[".repeat(30_000)}${"]".repeat(30_000)}}`,
    "The data of a client event is nested too deeply",
  ],
];

describe("a client receives an error with the reason when it sends", () => {
  test.each(refused)("%s", (_what, frame, message) => {
    expect(refusalOf(frame)).toEqual(new EventRefused(null, message));
  });
});

test("any text is either parsed or refused with EventRefused", () => {
  const events = fc.constantFrom("pusher:subscribe", "pusher:signin", "pusher:unsubscribe", "client-x");
  const almostRight = fc
    .tuple(events, fc.jsonValue(), fc.jsonValue())
    .map(([event, channel, data]) => JSON.stringify({ event, channel, data }));
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.json(), almostRight), (text) => {
      expect(refusalOf(text) ?? new EventRefused(null, "")).toBeInstanceOf(EventRefused);
    }),
  );
});

function refusalOf(frame: string): unknown {
  try {
    parseClientMessage(frame);
    return null;
  } catch (error) {
    return error;
  }
}

test("a position's epoch of 100 characters is accepted, and a longer one refused", () => {
  const parse = (length: number) => {
    const recover = { epoch: "e".repeat(length), offset: 0, socket_id: "1.1" };
    return parseClientMessage(JSON.stringify({ event: "pusher:subscribe", data: { channel: "c", recover } }));
  };
  expect(parse(100)).toMatchObject({ recover: { epoch: "e".repeat(100) } });
  expect(() => parse(101)).toThrow("data.recover must be");
});

test("an error names at most 60 characters of an unknown event", () => {
  const parse = (length: number) => parseClientMessage(JSON.stringify({ event: "x".repeat(length) }));
  expect(() => parse(60)).toThrow(`Unknown event ${"x".repeat(60)}:`);
  expect(() => parse(61)).toThrow(`Unknown event ${"x".repeat(60)}…:`);
});
