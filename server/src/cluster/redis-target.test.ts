import { expect, test } from "bun:test";
import { readRedisUrl } from "./redis-target.ts";

const single = {
  kind: "single",
  masterName: null,
  isTls: false,
  username: null,
  password: null,
  database: 0,
};
const a = { host: "a", port: 7_000 };
const b = { host: "b", port: 6_379 };

test.each([
  ["redis://a:7000", { ...single, servers: [a] }],
  ["redis://b", { ...single, servers: [b] }],
  [
    "rediss://ada:p%40ss@[::1]:7000/3",
    {
      ...single,
      servers: [{ host: "::1", port: 7_000 }],
      isTls: true,
      username: "ada",
      password: "p@ss",
      database: 3,
    },
  ],
  ["redis://:pass@b/0", { ...single, servers: [b], password: "pass" }],
  [
    "redis://c,a:7000/1?master=main",
    {
      ...single,
      kind: "sentinel",
      servers: [{ host: "c", port: 26_379 }, a],
      masterName: "main",
      database: 1,
    },
  ],
  ["redis://a:7000,b?cluster=true", { ...single, kind: "cluster", servers: [a, b] }],
])("%s is an address of Redis", (url, target) => {
  expect<object>(readRedisUrl(url)).toEqual(target);
});

test.each([
  ["redis://", "must look like redis://"],
  ["redis://a?masters=main", 'no option "masters": use master or cluster'],
  ["redis://a?master=main&cluster=true", "may have master or cluster, not both"],
  ["redis://a,b", "add ?master=NAME or ?cluster=true"],
  ["redis://a/1?cluster=true", "has only database 0"],
  ["redis://a?cluster=yes", 'must be true or false, not "yes"'],
  ["redis://a:70000", "must be host or host:port"],
  ["redis://a/main", "must be a number such as 0"],
  ["redis://:hush%@a", "not percent-encoded correctly"],
])("%s is refused with what is expected", (url, message) => {
  expect(() => readRedisUrl(url)).toThrow(message);
  expect(() => readRedisUrl(url)).not.toThrow("hush");
});
