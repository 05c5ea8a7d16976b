import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { CloseConnection } from "./errors.ts";
import { parseHandshake, sdkName } from "./handshake.ts";

const welcome: [string, string, object][] = [
  [
    "pusher-js",
    "protocol=7&client=js&version=8.6.0&flash=false",
    { protocol: 7, client: "js", version: "8.6.0" },
  ],
  [
    "Swift",
    "client=pusher-websocket-swift&version=10.1.5&protocol=7",
    { protocol: 7, client: "pusher-websocket-swift", version: "10.1.5" },
  ],
  [
    "Java",
    "client=java-client&protocol=5&version=2.4.0",
    { protocol: 5, client: "java-client", version: "2.4.0" },
  ],
  ["protocol 4", "protocol=4&client=js", { protocol: 4, client: "js", version: "" }],
  [
    "a version with a suffix",
    "protocol=6&version=v1.2.0-beta.1",
    { protocol: 6, client: "", version: "v1.2.0-beta.1" },
  ],
  ["nothing but the protocol", "protocol=7", { protocol: 7, client: "", version: "" }],
  [
    "an endless client name, which is cut",
    `protocol=7&client=${"x".repeat(99)}`,
    { protocol: 7, client: "x".repeat(64), version: "" },
  ],
];

describe("a connection is accepted with", () => {
  test.each(welcome)("%s", (_who, query, handshake) => {
    expect<object>(parseHandshake(new URLSearchParams(query))).toEqual(handshake);
  });
});

const closed: [string, string, number][] = [
  ["no protocol", "client=js&version=8.6.0", 4008],
  ["an empty protocol", "protocol=", 4008],
  ["protocol 3, too old", "protocol=3", 4007],
  ["protocol 8, too new", "protocol=8", 4007],
  ["protocol 0", "protocol=0", 4007],
  ["a protocol that is a word", "protocol=seven", 4006],
  ["a negative protocol", "protocol=-7", 4006],
  ["a protocol with a fraction", "protocol=7.0", 4006],
  ["a protocol in hex", "protocol=0x7", 4006],
  ["an endless protocol", "protocol=77777", 4006],
  ["a version that is a word", "protocol=7&version=latest", 4006],
  ["a version with a space", "protocol=7&version=8.6.0%20", 4006],
];

describe("a connection is refused with", () => {
  test.each(closed)("%s", (_what, query, code) => {
    expect(codeOf(query)).toBe(code);
  });
});

test("any query is either parsed or refused with a close code of the protocol", () => {
  const query = fc.oneof(
    fc.webQueryParameters(),
    fc
      .tuple(fc.string(), fc.string())
      .map(([protocol, version]) => `protocol=${protocol}&version=${version}`),
  );
  fc.assert(fc.property(query, (text) => expect([0, 4006, 4007, 4008]).toContain(codeOf(text))));
});

/** The close code; 0 if the connection is accepted. */
function codeOf(query: string): number {
  try {
    parseHandshake(new URLSearchParams(query));
    return 0;
  } catch (error) {
    if (error instanceof CloseConnection) return error.code;
    throw error;
  }
}

test.each([
  ["js", "8.4.0", "js 8.4.0"],
  ["js", "", "js"],
  ["", "8.4.0", "8.4.0"],
  ["", "", null],
])("the SDK of client %p and version %p is named %p", (client, version, name) => {
  expect(sdkName({ client, version })).toBe(name);
});
