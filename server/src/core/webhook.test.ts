import { describe, expect, test } from "bun:test";
import {
  type ChannelFilters,
  eventsProblem,
  headersProblem,
  type Webhook,
  wantsEvent,
  webhookLimits,
} from "./webhook.ts";

describe("filters", () => {
  test.each([
    ["room-*", "room-1", true],
    ["room-*", "a-room-1", false],
    ["*", "anything", true],
    ["r??m", "room", true],
    ["r?m", "room", false],
    ["*-eu-*-chat", "x-eu-y-eu-chat", true],
    ["*-eu-*-chat", "x-eu-chat", false],
    ["a.c", "abc", false],
    ["*a*a*a*a*a*a*a*a*a*b", "a".repeat(5_000), false],
  ])("the glob %s on %s", (glob, channel, fits) => {
    expect(wants({ glob: [glob] }, channel)).toBe(fits);
  });

  test("one entry of each list must fit", () => {
    const filters = { prefix: ["private-", "presence-"], suffix: ["-eu"] };
    expect(wants(filters, "presence-a-eu")).toBe(true);
    expect(wants(filters, "presence-a-us")).toBe(false);
    expect(wants(filters, "a-eu")).toBe(false);
  });

  test("events without a channel pass", () => {
    expect(wants({ prefix: ["private-"] }, null)).toBe(true);
  });
});

test("a disabled webhook and another type want nothing", () => {
  expect(wantsEvent({ ...someWebhook, isEnabled: false }, "cache_miss", "a")).toBe(false);
  expect(wantsEvent(someWebhook, "channel_vacated", "a")).toBe(false);
});

test.each([
  [{ Authorization: "Bearer x" }, null],
  [{ "bad name": "x" }, "is not a header's name"],
  [{ "X-Pusher-Key": "x" }, "is Soketify's own"],
  [{ "content-type": "x" }, "is Soketify's own"],
  [{ Host: "x" }, "is Soketify's own"],
  [{ "webhook-id": "x" }, "is Soketify's own"],
  [{ "x-own": "a\r\nb: c" }, "printable ASCII"],
])("the headers %j", (headers, problem) => {
  const found = headersProblem(headers as Record<string, string>);
  if (problem === null) expect(found).toBeNull();
  else expect(found).toContain(problem);
});

const someWebhook: Webhook = {
  ...{ id: "w", appId: "1", url: "https://example.com", events: ["cache_miss"], headers: {} },
  ...{ filters: { prefix: [], suffix: [], glob: [] }, isBatching: false, isEnabled: true },
  ...{ disabledReason: null, createdAtMs: 0 },
};

function wants(filters: Partial<ChannelFilters>, channel: string | null): boolean {
  const webhook = { ...someWebhook, filters: { ...someWebhook.filters, ...filters } };
  return wantsEvent(webhook, "cache_miss", channel);
}

test("the value of a header may be as long as it is said to be, and no longer", () => {
  const problem = (length: number) => headersProblem({ "X-Key": "x".repeat(length) });
  expect(problem(webhookLimits.headerValueLengthMax)).toBeNull();
  expect(problem(webhookLimits.headerValueLengthMax + 1)).toContain("printable ASCII characters");
});

test("a glob begins again behind its star where it fitted only in part", () => {
  const wants = (channel: string) =>
    wantsEvent({ ...someWebhook, filters: { prefix: [], suffix: [], glob: ["*ab"] } }, "cache_miss", channel);
  expect([wants("aab"), wants("acb"), wants("abab")]).toEqual([true, false, true]);
});

test.each([
  [[], "Choose at least one event"],
  [["cache_miss"], null],
  [["cache_miss", "unknown"], '"unknown" is none of the events'],
])("a webhook for the events %j: %s", (events, problem) => {
  if (problem === null) expect(eventsProblem(events)).toBeNull();
  else expect(eventsProblem(events)).toContain(problem);
});
