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

  test("the channel must match an entry of each list", () => {
    const filters = { prefix: ["private-", "presence-"], suffix: ["-eu"] };
    expect(wants(filters, "presence-a-eu")).toBe(true);
    expect(wants(filters, "presence-a-us")).toBe(false);
    expect(wants(filters, "a-eu")).toBe(false);
  });

  test("events without a channel always match", () => {
    expect(wants({ prefix: ["private-"] }, null)).toBe(true);
  });
});

test("a disabled webhook receives nothing, and no webhook receives a type that it does not list", () => {
  expect(wantsEvent({ ...someWebhook, isEnabled: false }, "cache_miss", "a")).toBe(false);
  expect(wantsEvent(someWebhook, "channel_vacated", "a")).toBe(false);
});

test.each([
  [{ Authorization: "Bearer x" }, null],
  [{ "bad name": "x" }, "is not a valid header name"],
  [{ "X-Pusher-Key": "x" }, "is reserved"],
  [{ "content-type": "x" }, "is reserved"],
  [{ Host: "x" }, "is reserved"],
  [{ "webhook-id": "x" }, "is reserved"],
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

test("a header value of the maximum length is accepted and a longer one is refused", () => {
  const problem = (length: number) => headersProblem({ "X-Key": "x".repeat(length) });
  expect(problem(webhookLimits.headerValueLengthMax)).toBeNull();
  expect(problem(webhookLimits.headerValueLengthMax + 1)).toContain("printable ASCII characters");
});

test("a glob retries after its star when only a part matched", () => {
  const wants = (channel: string) =>
    wantsEvent({ ...someWebhook, filters: { prefix: [], suffix: [], glob: ["*ab"] } }, "cache_miss", channel);
  expect([wants("aab"), wants("acb"), wants("abab")]).toEqual([true, false, true]);
});

test.each([
  [[], "Choose at least one event"],
  [["cache_miss"], null],
  [["cache_miss", "unknown"], '"unknown" is not one of the events'],
])("a webhook for the events %j: %s", (events, problem) => {
  if (problem === null) expect(eventsProblem(events)).toBeNull();
  else expect(eventsProblem(events)).toContain(problem);
});
