import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { defaultAppSettings } from "./app-settings.ts";
import {
  areChannelRules,
  type ChannelRule,
  matches,
  ruleOfChannel,
  settingsOfChannel,
} from "./channel-rules.ts";

const withRules = (...channelRules: ChannelRule[]) => ({ ...defaultAppSettings, channelRules });

describe("patterns", () => {
  test.each([
    ["news", "news", true],
    ["news", "news2", false],
    ["*", "", true],
    ["*", "anything", true],
    ["private-*", "private-a", true],
    ["private-*", "private-", true],
    ["private-*", "presence-a", false],
    ["*-chat-*", "room-chat-7", true],
    ["*-chat-*", "room-chat", false],
    ["a*b*c", "aXbYbZc", true],
    ["a*b*c", "aXbYbZ", false],
  ])("%s and %s: %p", (pattern, name, expected) => {
    expect(matches(pattern, name)).toBe(expected);
  });

  test("a pattern matches as a regular expression does in which * is any text", () => {
    const letters = fc.string({ unit: fc.constantFrom("a", "b", "*"), maxLength: 8 });
    const names = fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 10 });
    fc.assert(
      fc.property(letters, names, (pattern, name) => {
        expect(matches(pattern, name)).toBe(new RegExp(`^${pattern.replaceAll("*", ".*")}$`).test(name));
      }),
      { numRuns: 2_000 },
    );
  });

  test("a pattern full of stars is matched at once", () => {
    expect(matches("*a".repeat(100), "a".repeat(99))).toBe(false);
  });
});

test("the first rule that matches holds, and what it leaves out comes from the app", () => {
  const settings = withRules(
    { pattern: "news-*", historyEventsMax: 5, eventPayloadBytesMax: 100 },
    { pattern: "*", historyEventsMax: 9, clientEventsEnabled: false },
  );
  expect(settingsOfChannel(settings, "news-1")).toMatchObject({
    historyEventsMax: 5,
    eventPayloadBytesMax: 100,
    clientEventsEnabled: true,
  });
  expect(settingsOfChannel(settings, "sport")).toMatchObject({
    historyEventsMax: 9,
    eventPayloadBytesMax: defaultAppSettings.eventPayloadBytesMax,
    clientEventsEnabled: false,
  });
  expect([ruleOfChannel(settings, "news-1"), ruleOfChannel(settings, "sport")]).toEqual([0, 1]);
});

test("without a rule a channel keeps nothing and everything else is the app's", () => {
  expect(settingsOfChannel(defaultAppSettings, "news")).toMatchObject({
    ...defaultAppSettings,
    historyEventsMax: 0,
    presenceGraceMs: 0,
    serverEventsEnabled: true,
  });
  expect(ruleOfChannel(defaultAppSettings, "news")).toBeNull();
});

test.each([
  [[{ pattern: "a*" }], true],
  [[{ pattern: "a*", historyEventsMax: 0, clientEventsKept: true }], true],
  [[{ pattern: "" }], false],
  [[{ pattern: "a b" }], false],
  [[{ pattern: "a", historyEventsMax: -1 }], false],
  [[{ pattern: "a", historyEventsMax: "5" }], false],
  [[{ pattern: "a", unknown: 1 }], false],
  [[{ pattern: "a", __proto__: null, toString: 1 }], false],
  ["a", false],
  [Array.from({ length: 101 }, () => ({ pattern: "a" })), false],
])("%j as rules: %p", (rules, expected) => {
  expect(areChannelRules(rules)).toBe(expected);
});
