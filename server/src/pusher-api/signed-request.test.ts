import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { readBody } from "../net/read-body.ts";
import { targetOf } from "../net/request-target.ts";
import { HttpError } from "../protocol/errors.ts";
import { queryList, queryValue, signedRequestOf } from "./signed-request.ts";

const bytesMax = 10;

async function read(target: string, init: RequestInit = {}, pathPrefix = "", httpBodyBytesMax = bytesMax) {
  const request = new Request(`http://localhost${target}`, init);
  const body = await readBody(request, httpBodyBytesMax);
  return signedRequestOf(request.method, targetOf(request.url), body, pathPrefix);
}

test("the query is decoded with lower-case keys, in its order, with arrays", async () => {
  const { query } = await read("/apps?B=2&a=x%20y%26z&c&d[]=1&d[]=2&e=1=2");
  expect(query).toEqual([
    ["b", "2"],
    ["a", "x y&z"],
    ["c", ""],
    ["d[]", "1"],
    ["d[]", "2"],
    ["e", "1=2"],
  ]);
  expect([queryValue(query, "c"), queryValue(query, "B"), queryValue(query, "__proto__")]).toEqual([
    "",
    null,
    null,
  ]);
});

test("a query is read alike in the usual form, in another order and percent-encoded", async () => {
  const value = fc.stringMatching(/^[a-zA-Z0-9=.+_-]{0,8}$/);
  const encoded = (text: string) => text.replace(/^./, (first) => `%${first.charCodeAt(0).toString(16)}`);
  await fc.assert(
    fc.asyncProperty(value, value, fc.option(value), async (key, timestamp, bodyMd5) => {
      const md5 = bodyMd5 === null ? [] : [`body_md5=${bodyMd5}`];
      const pairs = [`auth_key=${key}`, `auth_timestamp=${timestamp}`, "auth_version=1.0", ...md5];
      const usual = await read(`/?${[...pairs, "auth_signature=feed"].join("&")}`);
      const signing = { key, timestamp, version: "1.0", bodyMd5, signature: "feed" };
      expect(usual).toMatchObject({ signing, queryToSign: pairs.join("&"), query: [] });
      expect(await read(`/?${["auth_signature=feed", ...pairs.toReversed()].join("&")}`)).toEqual(usual);
      expect(await read(`/?${[...pairs, "auth_signature=feed"].map(encoded).join("&")}`)).toEqual(usual);
    }),
  );
});

test("parameters beside the signature's are signed with it, in the order of their keys", async () => {
  const { query, queryToSign } = await read("/?auth_key=k&auth_version=1.0&Info=a%2Cb&auth_signature=s&x");
  expect(query).toEqual([
    ["info", "a,b"],
    ["x", ""],
  ]);
  expect(queryToSign).toBe("auth_key=k&auth_version=1.0&info=a,b&x=");
});

test("a list may have more entries than the limit of other parameters", async () => {
  const { query } = await read(`/?${"a[]=1&".repeat(500)}b[]=2&a=3`);
  expect(queryList(query, "a")).toHaveLength(500);
  expect([queryList(query, "b"), queryList(query, "c"), queryValue(query, "a")]).toEqual([["2"], null, "3"]);
});

const paths: [string, string, string, string[]][] = [
  ["a path without encoding has one form", "/apps/1/channels", "", ["/apps/1/channels"]],
  ["an encoded path has two forms", "/a%3Db", "", ["/a%3Db", "/a=b"]],
  ["a proxy may have removed a prefix", "/ws/apps", "/ws", ["/ws/apps", "/apps"]],
];

test.each(paths)("%s", async (_what, target, prefix, expected) => {
  expect((await read(target, {}, prefix)).paths).toEqual(expected);
});

test("the body is unchanged, and a GET has none", async () => {
  const body = '{ "é":"😀" }\r\n';
  expect((await read("/", { method: "POST", body }, "", 99)).body).toBe(body);
  expect((await read("/")).body).toBe("");
});

const refused: [string, string, RequestInit, number, string][] = [
  ["a duplicate parameter", "/?a=1&A=2", {}, 400, "Duplicate query parameter: a"],
  [
    "more than 100 parameters",
    `/?${Array.from({ length: 101 }, (_, n) => `a${n}=1`).join("&")}`,
    {},
    400,
    "Too many query parameters: at most 100, not counting those of lists",
  ],
  [
    "an invalid percent-encoding",
    "/?a=%ff",
    {},
    400,
    "The URL is not valid: a % must start a percent-encoded UTF-8 byte, such as %20",
  ],
  [
    "a body with a Content-Length that is too large",
    "/",
    { method: "POST", body: "x", headers: { "content-length": "11" } },
    413,
    "The request body is too large: at most 10 bytes",
  ],
];

describe("a request is rejected with", () => {
  test.each(refused)("%s", async (_what, target, init, status, message) => {
    const refusal = await read(target, init).catch((error: unknown) => error);
    expect(refusal).toEqual(new HttpError(status, message));
  });
});
