import { expect, test } from "bun:test";
import { createHmac } from "node:crypto";
import fc from "fast-check";
import {
  channelStringToSign,
  equalInConstantTime,
  hmacSha256,
  isMd5Of,
  queryToSign,
  requestStringToSign,
  SigningKey,
  splitAuth,
  userStringToSign,
} from "./signature.ts";

const secret = "7ad3773142a6692b25b8";
const channelData = '{"user_id":10,"user_info":{"name":"Mr. Pusher"}}';
const body = '{"name":"foo","channels":["project-3"],"data":"{\\"some\\":\\"data\\"}"}';
const bodyMd5 = "ec365a775a4cd0599faeb73354201b6f";
const webhook = '{"time_ms":1403175510755,"events":[{"channel":"test_channel","name":"channel_vacated"}]}';
const request = requestStringToSign(
  "POST",
  "/apps/3/events",
  queryToSign([
    ["body_md5", bodyMd5],
    ["auth_version", "1.0"],
    ["auth_key", "278d425bdf160c739803"],
    ["auth_timestamp", "1353088179"],
    ["auth_signature", "left out"],
  ]),
);

const vectors: [string, string, string, string][] = [
  [
    "a private channel",
    secret,
    channelStringToSign("1234.1234", "private-foobar", null),
    "58df8b0c36d6982b82c3ecf6b4662e34fe8c25bba48f5369f135bf843651c3a4",
  ],
  [
    "a presence channel",
    secret,
    channelStringToSign("1234.1234", "presence-foobar", channelData),
    "afaed3695da2ffd16931f457e338e6c9f2921fa133ce7dac49f529792be6304c",
  ],
  [
    "a user",
    secret,
    userStringToSign("1234.1234", '{"id":"12345"}'),
    "4708d583dada6a56435fb8bc611c77c359a31eebde13337c16ab43aa6de336ba",
  ],
  ["an HTTP request", secret, request, "da454824c97ba181a32ccc17a72625ba02771f50b50e1e7430e47a1f3f457e6c"],
  ["a webhook", "tofu", webhook, "c17257e92037cd7de407ebc1ed174ceb7b2e518db127f44411b9ffc4f5b28cc5"],
];

test.each(vectors)(
  "the signature of %s equals that of Pusher's documentation and SDKs",
  (_what, key, text, hex) => {
    expect(hmacSha256(key, text)).toBe(hex);
  },
);

test("the MD5 of a body is Pusher's documented example, in either case, and nothing else", () => {
  const given = [
    bodyMd5,
    bodyMd5.toUpperCase(),
    bodyMd5.slice(2),
    `${bodyMd5}00`,
    `zz${bodyMd5.slice(2)}`,
    "",
  ];
  expect(given.map((hex) => isMd5Of(body, hex))).toEqual([true, true, false, false, false, false]);
  expect(isMd5Of("", "d41d8cd98f00b204e9800998ecf8427e")).toBe(true);
});

test("a signing key accepts its signature in either case, and no other text", () => {
  const key = new SigningKey(secret);
  const hex = hmacSha256(secret, "text");
  const given = [
    hex,
    hex.toUpperCase(),
    hex.slice(2),
    `${hex}00`,
    `zz${hex.slice(2)}`,
    "",
    hmacSha256("x", "text"),
  ];
  expect(given.map((signature) => key.hasSigned("text", signature))).toEqual([
    true,
    true,
    false,
    false,
    false,
    false,
    false,
  ]);
  expect(key.hasSigned("another", hex)).toBe(false);
});

test("a private channel's signature covers channel_data if it is present, even if empty", () => {
  expect(channelStringToSign("1.2", "private-a", "{}")).toBe("1.2:private-a:{}");
  expect(channelStringToSign("1.2", "private-a", "")).toBe("1.2:private-a:");
});

test("the signed text has sorted keys, unchanged values and arrays in their order", () => {
  const query: [string, string][] = [
    ["info", "user_count,cache"],
    ["b[]", "2"],
    ["auth_key", "k"],
    ["b[]", "1"],
    ["auth_signature", "left out"],
    ["a", "x y&z="],
  ];
  expect(requestStringToSign("GET", "/apps/3/channels", queryToSign(query))).toBe(
    "GET\n/apps/3/channels\na=x y&z=&auth_key=k&b[]=2&b[]=1&info=user_count,cache",
  );
});

test("the order of the query does not change the signed text", () => {
  const query = fc.uniqueArray(fc.tuple(fc.stringMatching(/^[a-z_]{1,5}$/), fc.string()), {
    selector: ([key]) => key,
  });
  fc.assert(
    fc.property(query, (pairs) => {
      expect(queryToSign(pairs.toReversed())).toBe(queryToSign(pairs));
    }),
  );
});

test("long texts are equal only if every character is the same", () => {
  const long = "é".repeat(100);
  expect([equalInConstantTime(long, "é".repeat(100)), equalInConstantTime(long, "x".repeat(100))]).toEqual([
    true,
    false,
  ]);
  const longer = "x".repeat(1_000);
  expect([
    equalInConstantTime(`${longer}a`, `${longer}a`),
    equalInConstantTime(`${longer}a`, `${longer}b`),
  ]).toEqual([true, false]);
});

test("repeated keys are signed in the order in which they were sent", () => {
  const list = (values: string[]) => values.map((value): [string, string] => ["k[]", value]);
  const text = queryToSign([["z", "1"], ...list(["b", "a", "c"]), ["a", "2"]]);
  expect(text).toBe("a=2&k[]=b&k[]=a&k[]=c&z=1");
});

test("the HMAC equals that of node:crypto, for any secret and text", () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), fc.string({ unit: "grapheme" }), (key, text) => {
      const expected = createHmac("sha256", key).update(text).digest("hex");
      expect([hmacSha256(key, text), new SigningKey(key).sign(text)]).toEqual([expected, expected]);
    }),
  );
});

test("the constant-time comparison agrees with ===", () => {
  const text = fc.string({ unit: "grapheme" });
  fc.assert(
    fc.property(text, text, (one, other) => {
      expect([equalInConstantTime(one, one), equalInConstantTime(one, other)]).toEqual([true, one === other]);
    }),
  );
});

test("auth is split at its first colon", () => {
  expect(splitAuth("key:sig:nature")).toEqual({ key: "key", signature: "sig:nature" });
  expect(splitAuth(":")).toEqual({ key: "", signature: "" });
  expect([splitAuth(""), splitAuth("key")]).toEqual([null, null]);
});
