import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { elementTexts, isNestedTooDeeply, memberText } from "./json-text.ts";

const pieces: [string, string, string | null][] = [
  ["a number with more digits than a double has", '{"a":1234567890123456789}', "1234567890123456789"],
  ["a number with zeros at its end", '{"a":1.50}', "1.50"],
  ["a number beyond all doubles", '{"a":1E400}', "1E400"],
  ["the last of two", '{"a":1,"b":2,"a":3}', "3"],
  ["a value among blanks", ' {\n "b" : [1,2] ,\t"a" : { "c" : 1.0 } } ', '{ "c" : 1.0 }'],
  ["a text with brackets and quotes", String.raw`{"b":"]}\",{\\","a":"\\"}`, String.raw`"\\"`],
  ["a key that is written in escapes", String.raw`{"\u0061":1}`, "1"],
  ["null", '{"a":null}', "null"],
  ["not what stands deeper", '{"b":{"a":1},"c":[{"a":2}]}', null],
  ["not a text that reads like the key", '{"b":"a"}', null],
  ["nothing of an empty object", "{ }", null],
];

describe("the text of a member is", () => {
  test.each(pieces)("%s", (_what, json, text) => expect(memberText(json, "a")).toBe(text));
});

test("a member's text parses to its value, for any object and any formatting", () => {
  const object = fc.dictionary(fc.oneof(fc.constant("a"), fc.string()), fc.jsonValue(), { minKeys: 1 });
  fc.assert(
    fc.property(object, fc.constantFrom(0, 1, "\t", "\n\r "), (value, indent) => {
      for (const key of Object.keys(value)) {
        const text = memberText(JSON.stringify(value, null, indent), key);
        expect(JSON.parse(text ?? "")).toEqual(JSON.parse(JSON.stringify(value))[key]);
      }
    }),
  );
});

test("an array's texts parse to its elements, for any elements and any formatting", () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue()), fc.constantFrom(0, 2), (array, indent) => {
      const texts = elementTexts(JSON.stringify(array, null, indent));
      expect(texts.map((text) => JSON.parse(text))).toEqual(JSON.parse(JSON.stringify(array)));
    }),
  );
  expect(elementTexts(" [ 1.50 , [1, 2] ] ")).toEqual(["1.50", "[1, 2]"]);
});

test("512 levels are accepted and 513 are too deep", () => {
  const nested = (levels: number) => `${'{"a":['.repeat(levels / 2)}1${"]}".repeat(levels / 2)}`;
  expect([512, 514, 60_000].map((levels) => isNestedTooDeeply(nested(levels)))).toEqual([false, true, true]);
  expect(isNestedTooDeeply(`[${nested(512)}]`)).toBe(true);
  expect(isNestedTooDeeply(`[${nested(510)},${nested(510)},"${"[".repeat(600)}"]`)).toBe(false);
});
