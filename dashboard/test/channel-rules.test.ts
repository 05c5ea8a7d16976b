/** Settings → Channel rules: created, refused with an error, reordered, and tested with a channel's name. */

import { beforeEach, expect, test } from "bun:test";
import type { App } from "@soketify/admin";
import type { Page } from "playwright-core";
import { overflowOf, violationsOf } from "./accessibility.ts";
import { keepPicture } from "./pictures.ts";
import { sharedDashboard } from "./test-dashboard.ts";

const dashboard = sharedDashboard();

function save(channelRules: readonly object[]): Promise<unknown> {
  const { server } = dashboard;
  return server.admin("PATCH", `/apps/${server.app.id}`, { settings: { channelRules } });
}

async function savedRules(): Promise<unknown> {
  const { server } = dashboard;
  const { app } = (await server.admin("GET", `/apps/${server.app.id}`)) as { app: App };
  return app.settings.channelRules;
}

async function openSettings(options = {}) {
  const opened = await dashboard.open(options);
  await opened.goTo(`apps/${dashboard.server.app.id}/settings`);
  const form = opened.page.getByRole("form", { name: "Channel rules" });
  await form.waitFor();
  return { ...opened, form };
}

async function tryName(page: Page, name: string): Promise<void> {
  await page.getByLabel("Test a channel name").last().fill(name);
}

beforeEach(() => save([]));

test("a rule can be created and saved, and applies to the matching names", async () => {
  const { page, complaints, form } = await openSettings();
  await form.getByRole("button", { name: "Add a rule" }).click();
  await form.getByLabel("Rule 1: names that match").fill("orders-*");
  await form.getByLabel("Add a setting").selectOption("historyEventsMax");
  await form.getByLabel("History events", { exact: true }).fill("500");
  await form.getByLabel("Add a setting").selectOption("historyMs");
  const duration = form.getByLabel("History duration", { exact: true });
  expect(await duration.inputValue()).toBe("10 min");
  await duration.fill("90 min");
  await duration.blur();
  expect(await duration.inputValue()).toBe("1 h 30 min");
  await form.getByLabel("Add a setting").selectOption("serverEventsEnabled");
  await form.getByRole("switch", { name: "Server events" }).click();
  await form.getByRole("button", { name: "Save rules" }).click();
  await form.getByRole("button", { name: "Undo" }).and(page.locator(":disabled")).waitFor();
  expect(await savedRules()).toEqual([
    { pattern: "orders-*", historyEventsMax: 500, historyMs: 5_400_000, serverEventsEnabled: false },
  ]);

  await tryName(page, "orders-7");
  await page.getByText("Rule 1 applies: orders-*").waitFor();
  const settings = page.getByRole("region", { name: "Test a channel name" });
  await settings.getByText("500 (set by the rule)").waitFor();
  await settings.getByText("1 h 30 min (set by the rule)").waitFor();
  await tryName(page, "chat");
  await page.getByText("No rule matches. The app's settings apply.").waitFor();
  expect(complaints).toEqual([]);
});

test("a setting starts with the value that applies without the rule, or with one that has an effect", async () => {
  const { server } = dashboard;
  await server.admin("PATCH", `/apps/${server.app.id}`, { settings: { presenceMembersMax: 250 } });
  const { form } = await openSettings();
  await form.getByRole("button", { name: "Add a rule" }).click();
  const first = async (key: string, label: string) => {
    await form.getByLabel("Add a setting").selectOption(key);
    return form.getByLabel(label, { exact: true }).inputValue();
  };
  expect([
    await first("rewindMs", "Rewind duration"),
    await first("presenceGraceMs", "Presence grace period"),
    await first("rewindEventsMax", "Rewind events"),
    await first("presenceMembersMax", "Members of a presence channel"),
    await first("eventPayloadBytesMax", "Event data"),
  ]).toEqual(["7 d", "30 s", "10", "250", "10 KB"]);
});

test("an error is shown beside a field with a value out of range or an invalid pattern", async () => {
  await save([{ pattern: "a*" }, { pattern: "b*", historyEventsMax: 5, presenceGraceMs: 5_000 }]);
  const { form } = await openSettings();
  await form.getByLabel("Rule 1: names that match").fill("not a name");
  await form.getByLabel("History events", { exact: true }).fill("10001");
  await form.getByLabel("Presence grace period", { exact: true }).fill("5");
  await form.getByRole("button", { name: "Save rules" }).click();
  const [first, second] = [
    form.getByRole("listitem", { name: "Rule 1" }),
    form.getByRole("listitem", { name: "Rule 2" }),
  ];
  await first.getByText("must be 1 to 200 characters").waitFor();
  await second.getByText("A whole number from 0 to 10,000").waitFor();
  await second.getByText("A time with its unit, from 0 ms to 5 min").waitFor();
  // An empty field is not a number either, and is refused.
  await form.getByLabel("Rule 1: names that match").fill("a*");
  await form.getByLabel("History events", { exact: true }).fill("");
  await form.getByRole("button", { name: "Save rules" }).click();
  await second.getByText("A whole number from 0 to 10,000").waitFor();
  expect(await savedRules()).toEqual([
    { pattern: "a*" },
    { pattern: "b*", historyEventsMax: 5, presenceGraceMs: 5_000 },
  ]);
});

test("rules can be moved and removed, and their order decides which one applies", async () => {
  await save([{ pattern: "a-*" }, { pattern: "*" }, { pattern: "c-*" }]);
  const { page, form } = await openSettings();
  await tryName(page, "a-1");
  await page.getByText("Rule 1 applies: a-*").waitFor();
  await form.getByRole("button", { name: "Move rule 2 up" }).click();
  await form.getByRole("button", { name: "Remove rule 3" }).click();
  await form.getByRole("button", { name: "Save rules" }).click();
  await page.getByText("Rule 1 applies: *").waitFor();
  expect(await savedRules()).toEqual([{ pattern: "*" }, { pattern: "a-*" }]);
});

test.each([
  ["light", 390],
  ["dark", 1_440],
] as const)("the rules are accessible and fit: %s, %i pixels wide", async (colorScheme, width) => {
  await save([
    { pattern: "orders-*", historyEventsMax: 500, historyMs: 3_600_000, serverEventsEnabled: true },
    { pattern: "presence-room-*", presenceGraceMs: 15_000 },
  ]);
  const { page, form } = await openSettings({ colorScheme, viewport: { width, height: 900 } });
  await tryName(page, "orders-7");
  await page.getByText("Rule 1 applies").waitFor();
  expect(await violationsOf(page)).toEqual([]);
  expect(await overflowOf(page)).toBe(0);
  await form.scrollIntoViewIfNeeded();
  await keepPicture(page, `channel-rules-${colorScheme}-${width}`);
});
