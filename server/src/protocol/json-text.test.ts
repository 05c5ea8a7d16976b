import { expect, test } from "bun:test";
import fc from "fast-check";
import { jsonText } from "./json-text.ts";

function nested(levels: number): unknown {
  return JSON.parse(`${'{"a":['.repeat(levels / 2)}1${"]}".repeat(levels / 2)}`);
}

test("512 levels are encoded, one more is refused", () => {
  expect(jsonText(nested(512))).toBe(JSON.stringify(nested(512)));
  expect(jsonText([nested(512)])).toBeNull();
});

test("what fills a whole message with brackets is refused before the encoder sees it", () => {
  expect(jsonText(nested(60_000))).toBeNull();
});

test("anything of a usual depth comes out as it came in", () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => expect(jsonText(value)).toBe(JSON.stringify(value))));
});
