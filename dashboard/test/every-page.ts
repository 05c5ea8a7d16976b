/**
 * Every page at both widths: accessible, no errors in the console, nothing loaded from another host. A test file per
 * theme.
 */
import { expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { overflowOf, tablesCut, textsCut, violationsOf } from "./accessibility.ts";
import { connectPlayground } from "./live-parts.ts";
import { keepPicture } from "./pictures.ts";
import { answerStats, busyHour } from "./stats-answers.ts";
import { testDashboard } from "./test-dashboard.ts";
import { testTraffic } from "./traffic.ts";

const appPages = [
  "overview",
  "console",
  "traffic",
  "channels",
  "history",
  "connections",
  "events",
  "playground",
  "webhooks",
  "settings",
  "user?id=ada",
];
const serverPages = ["apps", "nodes", "team", "tokens", "audit", "account"];
const sizes = [
  { width: 375, height: 812 },
  { width: 1440, height: 900 },
];

/** Registers the tests of one theme. Call it once at the top level of a test file. */
export function testEveryPage(colorScheme: "light" | "dark"): void {
  const dashboard = testDashboard({ SOKETIFY_WEBHOOK_ALLOW: "127.0.0.0/8" });
  const traffic = testTraffic(dashboard);

  for (const viewport of sizes) {
    test(`every page is accessible and logs no errors: ${colorScheme}, ${viewport.width} pixels wide`, async () => {
      const { page, complaints, hosts, goTo } = await dashboard.open({ colorScheme, viewport });
      await answerStats(page, busyHour);
      for (const name of [...serverPages, ...appPages]) {
        await goTo(appPages.includes(name) ? `apps/${dashboard.server.app.id}/${name}` : name);
        await page.getByRole("status", { name: "Loading" }).first().waitFor({ state: "hidden" });
        if (name === "playground") await enterAChannel(page);
        if (name === "console") await page.getByText("Live", { exact: true }).waitFor();
        const order = await traffic.stir();
        if (name === "console") await page.getByText(`"order":${order},`).waitFor({ state: "attached" });
        expect({ name, violations: await violationsOf(page) }).toEqual({ name, violations: [] });
        expect({ name, overflow: await overflowOf(page) }).toEqual({ name, overflow: 0 });
        expect({ name, cut: await tablesCut(page) }).toEqual({ name, cut: [] });
        expect({ name, cut: await textsCut(page) }).toEqual({ name, cut: [] });
        const [picture] = name.split("?");
        await keepPicture(page, `${picture}-${colorScheme}-${viewport.width}`);
      }
      expect(complaints).toEqual([]);
      expect([...hosts]).toEqual([new URL(dashboard.server.httpUrl).host]);
    });
  }
}

async function enterAChannel(page: Page): Promise<void> {
  await connectPlayground(page);
  await page.getByRole("button", { name: "Subscribe" }).click();
  await page.getByText("pusher_internal:subscription_succeeded").waitFor();
}
