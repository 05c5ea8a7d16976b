import { expect, test } from "bun:test";
import { parseExactly } from "./parse-exactly.ts";

test("a value that is parsed exactly is printed with its original digits", () => {
  const json = '{"a":[1234567890123456789,1.50,1E400,7,-0],"b":{"c":"1.50","d":null}}';
  expect(JSON.stringify(parseExactly(json))).toBe(json);
});

test("a number that keeps its digits stays a number", () => {
  expect(parseExactly('{"offset":42,"ms":-1.5}')).toEqual({ offset: 42, ms: -1.5 });
});
