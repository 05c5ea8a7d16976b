import { expect, test } from "bun:test";
import { defaultAppSettings } from "./app-settings.ts";
import {
  areChannelRules,
  type ChannelRule,
  presenceGraceMs,
  ruleOfChannel,
  settingsOfChannel,
} from "./channel-rules.ts";

const withRules = (...channelRules: ChannelRule[]) => ({ ...defaultAppSettings, channelRules });

test("the first matching rule applies, and settings that it leaves out come from the app", () => {
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

test("without a rule a channel has no history and the app's settings", () => {
  expect(settingsOfChannel(defaultAppSettings, "news")).toMatchObject({
    ...defaultAppSettings,
    historyEventsMax: 0,
    presenceGraceMs: 0,
    serverEventsEnabled: true,
  });
  expect(ruleOfChannel(defaultAppSettings, "news")).toBeNull();
});

test("the settings of an app are compiled once for all its channels", () => {
  const settings = withRules({ pattern: "news-*", historyEventsMax: 5 });
  expect(settingsOfChannel(settings, "news-1")).toBe(settingsOfChannel(settings, "news-2"));
});

test("only a presence channel has a grace", () => {
  const settings = withRules({ pattern: "*", presenceGraceMs: 5 });
  expect([presenceGraceMs(settings, "presence-a"), presenceGraceMs(settings, "private-a")]).toEqual([5, 0]);
});

test.each([
  [[{ pattern: "a*" }], true],
  [[{ pattern: "a*", historyEventsMax: 0, clientEventsKept: true }], true],
  [[{ pattern: "" }], false],
  [[{ pattern: "a b" }], false],
  [[{ pattern: "a", historyEventsMax: -1 }], false],
  [[{ pattern: "a", historyEventsMax: 10_000 }], true],
  [[{ pattern: "a", historyEventsMax: 10_001 }], false],
  [[null], false],
  [["pattern"], false],
  [[{ pattern: "a", historyEventsMax: "5" }], false],
  [[{ pattern: "a", unknown: 1 }], false],
  [[{ pattern: "a", __proto__: null, toString: 1 }], false],
  ["a", false],
  [[{ historyEventsMax: 5 }], false],
  [[{}], false],
  [Array.from({ length: 100 }, () => ({ pattern: "a" })), true],
  [Array.from({ length: 101 }, () => ({ pattern: "a" })), false],
])("%j as rules: %p", (rules, expected) => {
  expect(areChannelRules(rules)).toBe(expected);
});
