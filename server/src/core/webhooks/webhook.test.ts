import { describe, expect, test } from "bun:test";
import { someWebhook } from "../../../test/support/fakes/some-webhook.ts";
import {
  type ChannelFilters,
  eventsProblem,
  filtersOf,
  filtersProblem,
  headersProblem,
  urlProblem,
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

test.each([
  ["https://example.com/hook", null],
  ["http://example.com/hook", null],
  [`https://example.com/${"x".repeat(webhookLimits.urlLengthMax - 20)}`, null],
  [`https://example.com/${"x".repeat(webhookLimits.urlLengthMax - 19)}`, "at most 2000 characters"],
  ["example.com", "The URL is not valid"],
  ["ftp://example.com", "must start with https:// or http://, not ftp://"],
  ["https://ada@example.com", "must not contain a user or password"],
  ["https://:secret@example.com", "must not contain a user or password"],
])("the URL %s", (url, problem) => {
  if (problem === null) expect(urlProblem(url)).toBeNull();
  else expect(urlProblem(url)).toContain(problem);
});

test.each<[Record<string, unknown>, string | null]>([
  [{}, null],
  [{ prefix: "a", suffix: ["b", "c"] }, null],
  [{ glob: "x".repeat(webhookLimits.filterLengthMax) }, null],
  [{ glob: "x".repeat(webhookLimits.filterLengthMax + 1) }, "each of 1 to 200 characters"],
  [{ glob: Array(webhookLimits.filtersMax).fill("a") }, null],
  [{ glob: Array(webhookLimits.filtersMax + 1).fill("a") }, "a list of at most 50 texts"],
  [{ prefix: "" }, "The filter prefix must be a text"],
  [{ prefix: ["a", 5] }, "The filter prefix must be a text"],
  [{ prefix: [["a"]] }, "The filter prefix must be a text"],
  [{ colour: "a" }, '"colour" is not one of the filters'],
])("the filters %j", (filters, problem) => {
  if (problem === null) expect(filtersProblem(filters)).toBeNull();
  else expect(filtersProblem(filters)).toContain(problem);
});

test("filters become lists, and a missing one an empty list", () => {
  expect(filtersOf({ prefix: "a", glob: ["b", "c"] })).toEqual({
    prefix: ["a"],
    suffix: [],
    glob: ["b", "c"],
  });
});

test("a webhook may have the maximum number of headers and no more", () => {
  const headers = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`X-${index}`, ""]));
  expect(headersProblem(headers(webhookLimits.headersMax))).toBeNull();
  expect(headersProblem(headers(webhookLimits.headersMax + 1))).toContain("at most 20 headers, not 21");
});
