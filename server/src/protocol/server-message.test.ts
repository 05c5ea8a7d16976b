import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  cacheMissFrame,
  connectionEstablishedFrame,
  errorFrame,
  eventEncoder,
  memberAddedFrame,
  memberRemovedFrame,
  pongFrame,
  presenceSucceededFrame,
  signInSucceededFrame,
  subscriptionCountFrame,
  subscriptionErrorFrames,
  subscriptionSucceededFrame,
  watchlistFrame,
} from "./server-message.ts";

const ada = { userId: "11", infoJson: '{"name":"A"}' };
const nameless = { userId: "12", infoJson: null };

const frames: [string, string][] = [
  [
    connectionEstablishedFrame("131160.155806628", 120),
    String.raw`{"event":"pusher:connection_established","data":"{\"socket_id\":\"131160.155806628\",\"activity_timeout\":120}"}`,
  ],
  [pongFrame, '{"event":"pusher:pong","data":"{}"}'],
  [errorFrame(4001, "No"), '{"event":"pusher:error","data":{"code":4001,"message":"No"}}'],
  [errorFrame(null, "No"), '{"event":"pusher:error","data":{"code":null,"message":"No"}}'],
  [
    subscriptionSucceededFrame("c"),
    '{"event":"pusher_internal:subscription_succeeded","channel":"c","data":"{}"}',
  ],
  [
    presenceSucceededFrame("presence-c", [ada]),
    String.raw`{"event":"pusher_internal:subscription_succeeded","channel":"presence-c","data":"{\"presence\":{\"count\":1,\"ids\":[\"11\"],\"hash\":{\"11\":{\"name\":\"A\"}}}}"}`,
  ],
  [
    memberAddedFrame("presence-c", ada),
    String.raw`{"event":"pusher_internal:member_added","channel":"presence-c","data":"{\"user_id\":\"11\",\"user_info\":{\"name\":\"A\"}}"}`,
  ],
  [
    memberAddedFrame("presence-c", nameless),
    String.raw`{"event":"pusher_internal:member_added","channel":"presence-c","data":"{\"user_id\":\"12\"}"}`,
  ],
  [
    memberRemovedFrame("presence-c", "11"),
    String.raw`{"event":"pusher_internal:member_removed","channel":"presence-c","data":"{\"user_id\":\"11\"}"}`,
  ],
  [
    subscriptionCountFrame("c", 3),
    String.raw`{"event":"pusher_internal:subscription_count","channel":"c","data":"{\"subscription_count\":3}"}`,
  ],
  [cacheMissFrame("cache-c"), '{"event":"pusher:cache_miss","channel":"cache-c","data":"{}"}'],
  [
    signInSucceededFrame('{"id":"7"}'),
    String.raw`{"event":"pusher:signin_success","data":"{\"user_data\":\"{\\\"id\\\":\\\"7\\\"}\"}"}`,
  ],
  [
    watchlistFrame([{ name: "online", userIds: ["a"] }]),
    String.raw`{"event":"pusher_internal:watchlist_events","data":"{\"events\":[{\"name\":\"online\",\"user_ids\":[\"a\"]}]}"}`,
  ],
  [
    eventEncoder("my-event", "plain text", null)("c"),
    '{"event":"my-event","channel":"c","data":"plain text"}',
  ],
  [
    eventEncoder("client-x", '{"a":1}', "11")("presence-c"),
    String.raw`{"event":"client-x","channel":"presence-c","data":"{\"a\":1}","user_id":"11"}`,
  ],
];

describe("the server sends exactly:", () => {
  test.each(frames)("%s", (frame, expected) => {
    expect(frame).toBe(expected);
  });
});

test("a refused subscription is reported in three frames, the last for clients without channel errors", () => {
  const data = String.raw`"{\"type\":\"AuthError\",\"error\":\"No\",\"status\":401}"`;
  expect(subscriptionErrorFrames("private-c", { type: "AuthError", message: "No", status: 401 })).toEqual([
    `{"event":"pusher:subscription_error","channel":"private-c","data":${data}}`,
    `{"event":"pusher_internal:subscription_error","channel":"private-c","data":${data}}`,
    '{"event":"pusher:error","data":{"code":null,"message":"No"}}',
  ]);
});

test("every id of a presence channel is a key of its hash, even without info or as __proto__", () => {
  const members = [ada, nameless, { userId: "__proto__", infoJson: '{"__proto__":1}' }];
  expect(JSON.parse(JSON.parse(presenceSucceededFrame("presence-c", members)).data).presence).toEqual({
    count: 3,
    ids: ["11", "12", "__proto__"],
    hash: JSON.parse('{"11":{"name":"A"},"12":null,"__proto__":{"__proto__":1}}'),
  });
});

const text = fc.string({ unit: "binary" });
const member = fc.record({ userId: text, infoJson: fc.option(fc.json()) });
const anyFrame = fc.oneof(
  fc.tuple(text, fc.integer()).map(([socketId, seconds]) => connectionEstablishedFrame(socketId, seconds)),
  text.map(subscriptionSucceededFrame),
  fc.tuple(text, fc.array(member)).map(([channel, members]) => presenceSucceededFrame(channel, members)),
  fc.tuple(text, member).map(([channel, one]) => memberAddedFrame(channel, one)),
  fc.tuple(text, text).map(([channel, userId]) => memberRemovedFrame(channel, userId)),
  text.map(cacheMissFrame),
  text.map(signInSucceededFrame),
  fc.array(text).map((userIds) => watchlistFrame([{ name: "offline", userIds }])),
);

test("for any names, a frame is JSON whose data is a string of JSON", () => {
  fc.assert(
    fc.property(anyFrame, (frame) => {
      const { data } = JSON.parse(frame);
      expect(typeof data).toBe("string");
      expect(JSON.parse(data)).toBeObject();
    }),
  );
});

test("any event arrives as it was sent", () => {
  fc.assert(
    fc.property(text, text, text, fc.option(text), (event, data, channel, userId) => {
      const sent = userId === null ? { event, channel, data } : { event, channel, data, user_id: userId };
      expect(JSON.parse(eventEncoder(event, data, userId)(channel))).toEqual(sent);
    }),
  );
});
