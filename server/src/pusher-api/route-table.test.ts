import { describe, expect, test } from "bun:test";
import { createFindRoute } from "./route-table.ts";

const patterns = [
  "/apps/:appId/events",
  "/apps/:appId/channels/:channel",
  "/apps/:appId/channels/:channel/users",
  "/users/:userId/terminate_connections",
];
const routes = patterns.map((pattern) => ({ method: "GET" as const, pattern, work: null }));

const found: [string, string, string, [string | null, string | null]][] = [
  ["a path", "", "/apps/1/events", ["1", null]],
  ["a path with two names", "", "/apps/1/channels/a", ["1", "a"]],
  ["a longer path", "", "/apps/1/channels/users/users", ["1", "users"]],
  ["a path with another beginning", "", "/users/ada/terminate_connections", [null, "ada"]],
  ["a name that stays encoded", "", "/apps/1/channels/a%2Fb", ["1", "a%2Fb"]],
  ["a path behind the prefix", "/ws", "/ws/apps/1/events", ["1", null]],
];

describe("a route is found by", () => {
  test.each(found)("%s", (_what, prefix, path, segments) => {
    const answer = createFindRoute(routes, prefix)(path);
    expect([answer?.appId, answer?.name]).toEqual(segments);
    expect(answer?.route.pattern.split("/").length).toBe(path.slice(prefix.length).split("/").length);
  });
});

const unknown: [string, string, string][] = [
  ["an empty name", "", "/apps//events"],
  ["a slash too many", "", "/apps/1/events/"],
  ["a path that is too short", "", "/apps/1"],
  ["another word", "", "/apps/1/event"],
  ["other capitals", "", "/Apps/1/events"],
  ["a pattern in place of a fixed segment", "", "/:appId/1/events"],
  ["a path without the prefix", "/ws", "/apps/1/events"],
];

test.each(unknown)("no route is found by %s", (_what, prefix, path) => {
  expect(createFindRoute(routes, prefix)(path)).toBeNull();
});
