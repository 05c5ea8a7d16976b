import { expect, test } from "bun:test";
import { isJson } from "./media-type.ts";

test.each([
  ["application/json", true],
  ["APPLICATION/JSON", true],
  ["application/json; charset=utf-8", true],
  ["application/json ;charset=utf-8", true],
  ["application/json-evil", false],
  ["application/json+x", false],
  ["application/jsonp", false],
  ["application/json,text/plain", false],
  ["text/plain; application/json", false],
  ["text/plain", false],
  ["", false],
])("%p is JSON: %p", (type, expected) => {
  expect(isJson(new Headers({ "content-type": type }))).toBe(expected);
});

test("a body without a type is not JSON", () => {
  expect(isJson(new Headers())).toBe(false);
});
