import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  isCacheChannel,
  isChannelName,
  isEncryptedChannel,
  isPresenceChannel,
  needsAuthorization,
  serverToUserId,
} from "./channel-name.ts";

const types: [string, { readonly of: string }][] = [
  ["news", { of: "" }],
  ["private-news", { of: "authorized" }],
  ["private-encrypted-news", { of: "authorized encrypted" }],
  ["presence-news", { of: "authorized presence" }],
  ["cache-news", { of: "cache" }],
  ["private-cache-news", { of: "authorized cache" }],
  ["private-encrypted-cache-news", { of: "authorized encrypted cache" }],
  ["presence-cache-news", { of: "authorized presence cache" }],
  ["privateer", { of: "" }],
  ["private", { of: "" }],
  ["presence", { of: "" }],
  ["presences-news", { of: "" }],
  ["cached-news", { of: "" }],
  ["my-cache-news", { of: "" }],
  ["private-my-cache-news", { of: "authorized" }],
  ["presence-encrypted-cache-news", { of: "authorized presence" }],
  ["Private-news", { of: "" }],
];

test("a server-to-user channel name holds a user id of 1 to 128 characters", () => {
  const named = (id: string) => serverToUserId(`#server-to-user-${id}`);
  expect([named("a"), named("x".repeat(128))]).toEqual(["a", "x".repeat(128)]);
  expect([named(""), named("x".repeat(129)), serverToUserId("ada"), serverToUserId("#watch-ada")]).toEqual(
    Array(4).fill(null),
  );
});

describe("the prefix with its dash decides the type of a channel:", () => {
  test.each(types)("%s", (name, { of }) => {
    const claims = [
      needsAuthorization(name) ? "authorized" : "",
      isEncryptedChannel(name) ? "encrypted" : "",
      isPresenceChannel(name) ? "presence" : "",
      isCacheChannel(name) ? "cache" : "",
    ];
    expect(claims.filter((claim) => claim !== "").join(" ")).toBe(of);
  });
});

const legal = fc.stringMatching(/^[-A-Za-z0-9_=@,.;]{1,200}$/);
const illegal = fc.stringMatching(/^[^-A-Za-z0-9_=@,.;]$/);

test("a name of legal characters is valid up to the maximum length and not beyond", () => {
  fc.assert(
    fc.property(legal, (name) => {
      expect([isChannelName(name, name.length), isChannelName(name, name.length - 1)]).toEqual([true, false]);
    }),
  );
});

test("one illegal character anywhere makes a name invalid", () => {
  fc.assert(
    fc.property(legal, illegal, legal, (before, character, after) => {
      for (const name of [character + after, before + character + after, before + character])
        expect(isChannelName(name, 1_000)).toBe(false);
    }),
  );
});

test("an empty name, a trailing line feed and a server-to-user name are invalid channel names", () => {
  for (const name of ["", "news\n", "#server-to-user-7"]) expect(isChannelName(name, 200)).toBe(false);
});

test("the user id is read from a server-to-user name with any characters", () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, unit: "binary" }), (userId) => {
      expect(serverToUserId(`#server-to-user-${userId}`)).toBe(userId);
    }),
  );
});

test("a name without a user id or without the whole prefix names no user", () => {
  for (const name of ["#server-to-user-", "#server-to-user7", "server-to-user-7", "a#server-to-user-7", ""])
    expect(serverToUserId(name)).toBeNull();
});
