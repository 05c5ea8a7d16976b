import { expect, test } from "bun:test";
import { parseStorableJson, refuseNulInUrl } from "./storable-json.ts";

test.each([
  ['{"name":"a\\u0000b"}', 'NUL (\\u0000): see "name"'],
  ['{"deep":[{"names":["a","\\u0000"]}]}', 'NUL (\\u0000): see "1"'],
  ['{"a\\u0000b":1}', 'NUL (\\u0000): see "a\\u0000b"'],
  ['"\\u0000"', "NUL (\\u0000)"],
])("%s is refused", (text, message) => {
  expect(() => parseStorableJson(text)).toThrow(message);
});

test("an escaped backslash before u0000 is not NUL, and other control characters are accepted", () => {
  expect(parseStorableJson('{"name":"\\\\u0000 \\u0001"}')).toEqual({ name: "\\u0000 \u0001" });
});

test("NUL in a URL is refused, and other percent-encodings are accepted", () => {
  expect(() => refuseNulInUrl("http://localhost/audit?actor=a%00b")).toThrow(
    "must not contain the character NUL (%00)",
  );
  refuseNulInUrl("http://localhost/audit?actor=a%2500b%20");
});
