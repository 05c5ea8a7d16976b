/** Titles and amounts of settings: readable, and exact when they are typed back. */
import { expect, test } from "bun:test";
import { settingNames, settingRules } from "../../server/src/core/apps/app-settings.ts";
import { ruleKeyNames, ruleKeys } from "../../server/src/core/apps/channel-rules.ts";
import { codeTable } from "../src/connections/code-words.ts";
import { adviceOf } from "../src/overview/error-advice.ts";
import { amountOf, amountWords, rangeWords } from "../src/settings/amounts.ts";
import { helpWords, titleOf } from "../src/settings/setting-titles.ts";

test.each([
  ["cacheTtlMs", 1_800_000, "30 min"],
  ["historyMs", 90_061_500, "1 d 1 h 1 min 1 s 500 ms"],
  ["eventHoldMsMax", 0, "0 ms"],
  ["eventPayloadBytesMax", 10_240, "10 KB"],
  ["eventPayloadBytesMax", 10_000, "10,000 B"],
  ["userDataBytesMax", 1_048_576, "1 MB"],
])("%s of %d is shown as %s, which is the same amount again", (setting, amount, words) => {
  expect(amountWords(setting, amount)).toBe(words);
  expect(amountOf(setting, words)).toBe(amount);
});

test.each([
  ["cacheTtlMs", "1.5 hours", 5_400_000],
  ["cacheTtlMs", " 2m30s ", 150_000],
  ["cacheTtlMs", "0", 0],
  ["cacheTtlMs", "30", Number.NaN],
  ["cacheTtlMs", "30 KB", Number.NaN],
  ["cacheTtlMs", "-5 s", Number.NaN],
  ["cacheTtlMs", "0.5 ms", Number.NaN],
  ["cacheTtlMs", "", Number.NaN],
  ["eventPayloadBytesMax", "64k", 65_536],
  ["eventPayloadBytesMax", "1,000 bytes", 1_000],
])("%s typed as %j is %d", (setting, text, amount) => {
  expect(amountOf(setting, text)).toBe(amount);
});

test("a range is in the units of its setting", () => {
  expect(rangeWords("cacheTtlMs", { min: 1_000, max: 86_400_000 })).toBe(
    "A time with its unit, from 1 s to 1 d",
  );
  expect(rangeWords("eventPayloadBytesMax", { min: 1, max: 1_048_576 })).toBe(
    "A size with its unit, from 1 B to 1 MB",
  );
  expect(rangeWords("connectionsMax", { min: 0, max: 1_000_000 })).toBe("A whole number from 0 to 1,000,000");
});

test("every setting has a title without abbreviations of the code, and a help without units and names", () => {
  const help = [
    ...settingNames.map((name) => [name, settingRules[name].help]),
    ...ruleKeyNames.map((name) => [name, ruleKeys[name].help]),
  ] as [string, string][];
  for (const [name, text] of help) {
    expect(titleOf(name)).not.toMatch(/\b(ms|ttl|api|url|id|[Mm]ax)\b|enabled/);
    expect(helpWords(text)).not.toMatch(/milliseconds|in bytes|\b[a-z]+[A-Z]/);
  }
});

test("the advice of errors names settings by their titles", () => {
  const titles = [...settingNames, ...ruleKeyNames].map(titleOf);
  const advice = [
    ...Object.values(codeTable).map((words) => words.advice),
    adviceOf({ type: "api_request", code: 429 }),
  ];
  const named = advice.flatMap((words) =>
    [...words.matchAll(/“([^”]+)” under Settings/g)].map(([, title]) => title ?? ""),
  );
  expect(named.length).toBeGreaterThan(3);
  for (const title of named) expect(titles).toContain(title);
});
