import { expect, test } from "bun:test";
import { FakeClock } from "../../../test/support/fakes/fake-clock.ts";
import { Refusal } from "../refusal.ts";
import { AppRegistry } from "./app-registry.ts";
import { defaultAppSettings, settingRules } from "./app-settings.ts";
import { newApp } from "./new-app.ts";
import { problemOfCeiling, SettingCeilings } from "./setting-ceilings.ts";

const ceilings = new SettingCeilings([
  "eventPayloadBytesMax=20000",
  "connectionsMax=50",
  "watchlistLengthMax=10",
  "presenceMembersMax=40",
]);

test("an app's settings are limited by the ceilings, and lower settings are unchanged", () => {
  const registry = new AppRegistry(new FakeClock(), ceilings);
  const settings = { eventPayloadBytesMax: 1_000_000, presenceMembersMax: 3 };
  registry.replace(newApp({ id: "1", settings }, "somebody", 0));
  const running = registry.byId("1")?.settings;
  expect(running).toMatchObject({ eventPayloadBytesMax: 20_000, presenceMembersMax: 3 });
  expect(running?.channelsPerEventMax).toBe(defaultAppSettings.channelsPerEventMax);
});

test("a 0 that means no limit becomes the ceiling, and any other 0 is unchanged", () => {
  const applied = ceilings.applied({ ...defaultAppSettings, connectionsMax: 0, watchlistLengthMax: 0 });
  expect([applied.connectionsMax, applied.watchlistLengthMax]).toEqual([50, 0]);
});

test("a setting above its ceiling is refused with the ceiling in the message", () => {
  expect(() => ceilings.check({ eventPayloadBytesMax: 20_000, connectionsMax: 0 })).not.toThrow();
  expect(() => ceilings.check({ eventPayloadBytesMax: 20_001 })).toThrow(
    new Refusal("invalid_request", "eventPayloadBytesMax may be at most 20000 on this server"),
  );
});

test("the published ranges of settings end at the ceilings", () => {
  const rules = ceilings.rules();
  expect(rules.eventPayloadBytesMax).toMatchObject({ max: 20_000, default: 10_240 });
  expect(rules.presenceMembersMax).toMatchObject({ max: 40, default: 40 });
  expect(rules.cacheTtlMs).toEqual(settingRules.cacheTtlMs);
});

test.each([
  ["eventPayloadBytesMax=65536", null],
  ["colour=1", "settingCeilings: colour is not a numeric setting of an app."],
  ["watchlistEnabled=1", "settingCeilings: watchlistEnabled is not a numeric setting of an app."],
  [
    "connectionsMax=0",
    'settingCeilings: connectionsMax must be a whole number from 1 to 1000000. "0" is not.',
  ],
  ["connectionsMax", 'settingCeilings: connectionsMax must be a whole number from 1 to 1000000. "" is not.'],
  ["connectionsMax=1", null],
  ["connectionsMax=1000000", null],
  ["cacheTtlMs=1", 'settingCeilings: cacheTtlMs must be a whole number from 1000 to 86400000. "1" is not.'],
])("the ceiling %s has the problem %p", (text, problem) => {
  expect(problemOfCeiling(text)).toBe(problem);
  expect(new SettingCeilings([text]).rules()).toEqual(
    problem === null ? expect.anything() : { ...settingRules },
  );
});

test("the ceilings apply to channel rules, too", () => {
  const ceilings = new SettingCeilings(["eventPayloadBytesMax=100"]);
  const channelRules = [{ pattern: "a*", eventPayloadBytesMax: 200, historyEventsMax: 5 }, { pattern: "b*" }];
  expect(ceilings.applied({ ...defaultAppSettings, channelRules }).channelRules).toEqual([
    { pattern: "a*", eventPayloadBytesMax: 100, historyEventsMax: 5 },
    { pattern: "b*" },
  ]);
  expect(() => ceilings.check({ channelRules })).toThrow("eventPayloadBytesMax may be at most 100");
});
