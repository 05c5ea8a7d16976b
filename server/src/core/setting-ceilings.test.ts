import { expect, test } from "bun:test";
import { FakeClock } from "../../test/support/fake-clock.ts";
import { AppRegistry } from "./app-registry.ts";
import { defaultAppSettings, settingRules } from "./app-settings.ts";
import { newApp } from "./new-app.ts";
import { Refusal } from "./refusal.ts";
import { problemOfCeiling, SettingCeilings } from "./setting-ceilings.ts";

const ceilings = new SettingCeilings([
  "eventPayloadBytesMax=20000",
  "connectionsMax=50",
  "watchlistLengthMax=10",
  "presenceMembersMax=40",
]);

test("an app runs with no more than the server allows, whatever its settings say, and with its own where they are less", () => {
  const registry = new AppRegistry(new FakeClock(), ceilings);
  const settings = { eventPayloadBytesMax: 1_000_000, presenceMembersMax: 3 };
  registry.replace(newApp({ id: "1", settings }, "somebody", 0));
  const running = registry.byId("1")?.settings;
  expect(running).toMatchObject({ eventPayloadBytesMax: 20_000, presenceMembersMax: 3 });
  expect(running?.channelsPerEventMax).toBe(defaultAppSettings.channelsPerEventMax);
});

test("no limit is as much as the server allows, and nothing at all stays nothing", () => {
  const applied = ceilings.applied({ ...defaultAppSettings, connectionsMax: 0, watchlistLengthMax: 0 });
  expect([applied.connectionsMax, applied.watchlistLengthMax]).toEqual([50, 0]);
});

test("an app cannot be given more, and is told how much it may have", () => {
  expect(() => ceilings.check({ eventPayloadBytesMax: 20_000, connectionsMax: 0 })).not.toThrow();
  expect(() => ceilings.check({ eventPayloadBytesMax: 20_001 })).toThrow(
    new Refusal("invalid_request", "eventPayloadBytesMax may be at most 20000 on this server"),
  );
});

test("the rules that people see end at the ceilings", () => {
  const rules = ceilings.rules();
  expect(rules.eventPayloadBytesMax).toMatchObject({ max: 20_000, default: 10_240 });
  expect(rules.presenceMembersMax).toMatchObject({ max: 40, default: 40 });
  expect(rules.cacheTtlMs).toEqual(settingRules.cacheTtlMs);
});

test.each([
  ["eventPayloadBytesMax=65536", null],
  ["colour=1", "settingCeilings: colour is no setting of an app that has a range."],
  ["watchlistEnabled=1", "settingCeilings: watchlistEnabled is no setting of an app that has a range."],
  ["connectionsMax=0", "settingCeilings: connectionsMax must be a whole number from 1 to 1000000. 0 is not."],
  ["cacheTtlMs=1", "settingCeilings: cacheTtlMs must be a whole number from 1000 to 86400000. 1 is not."],
])("the ceiling %s has the problem %p", (text, problem) => {
  expect(problemOfCeiling(text)).toBe(problem);
  expect(new SettingCeilings([text]).rules()).toEqual(
    problem === null ? expect.anything() : { ...settingRules },
  );
});

test("a channel rule stays below the ceilings, too", () => {
  const ceilings = new SettingCeilings(["eventPayloadBytesMax=100"]);
  const channelRules = [{ pattern: "a*", eventPayloadBytesMax: 200, historyEventsMax: 5 }, { pattern: "b*" }];
  expect(ceilings.applied({ ...defaultAppSettings, channelRules }).channelRules).toEqual([
    { pattern: "a*", eventPayloadBytesMax: 100, historyEventsMax: 5 },
    { pattern: "b*" },
  ]);
  expect(() => ceilings.check({ channelRules })).toThrow("eventPayloadBytesMax may be at most 100");
});
