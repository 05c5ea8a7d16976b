/**
 * Every page in both themes: accessible, no errors in the console, nothing loaded from another host. A test file per
 * width.
 */
import { expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { colorViolationsOf, overflowOf, tablesCut, textsCut, violationsOf } from "./accessibility.ts";
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

/** Registers the tests of one width. Call it once at the top level of a test file. */
export function testEveryPage(viewport: { readonly width: number; readonly height: number }): void {
  const dashboard = testDashboard({ SOKETIFY_WEBHOOK_ALLOW: "127.0.0.0/8" });
  const traffic = testTraffic(dashboard);

  async function settle(page: Page, name: string): Promise<void> {
    await page.getByRole("status", { name: "Loading" }).first().waitFor({ state: "hidden" });
    if (name === "playground") await enterAChannel(page);
    if (name === "console") await page.getByText("Live", { exact: true }).waitFor();
    const order = await traffic.stir();
    if (name === "console") await page.getByText(`"order":${order},`).waitFor({ state: "attached" });
  }

  test(`every page is accessible in both themes and logs no errors: ${viewport.width} pixels wide`, async () => {
    const { page, complaints, hosts, goTo } = await dashboard.open({ colorScheme: "light", viewport });
    await answerStats(page, busyHour);
    await goTo("");
    for (const name of [...serverPages, ...appPages]) {
      await page.emulateMedia({ colorScheme: "light" });
      await follow(page, appPages.includes(name) ? `apps/${dashboard.server.app.id}/${name}` : name);
      await settle(page, name);
      const [picture] = name.split("?");
      expect({ name, violations: await violationsOf(page) }).toEqual({ name, violations: [] });
      await expectNothingCut(page, name);
      await keepPicture(page, `${picture}-light-${viewport.width}`);
      // The same document in other colors.
      await page.emulateMedia({ colorScheme: "dark" });
      expect({ name, violations: await colorViolationsOf(page) }).toEqual({ name, violations: [] });
      await expectNothingCut(page, name);
      await keepPicture(page, `${picture}-dark-${viewport.width}`);
    }
    expect(complaints).toEqual([]);
    expect([...hosts]).toEqual([new URL(dashboard.server.httpUrl).host]);
  });
}

/** Opens a page as a link of the dashboard does: it costs a fraction of loading a document. */
async function follow(page: Page, path: string): Promise<void> {
  await page.evaluate((to) => {
    history.pushState(null, "", to);
    dispatchEvent(new PopStateEvent("popstate"));
  }, `/dashboard/${path}`);
}

async function expectNothingCut(page: Page, name: string): Promise<void> {
  expect({ name, overflow: await overflowOf(page) }).toEqual({ name, overflow: 0 });
  expect({ name, cut: await tablesCut(page) }).toEqual({ name, cut: [] });
  expect({ name, cut: await textsCut(page) }).toEqual({ name, cut: [] });
}

async function enterAChannel(page: Page): Promise<void> {
  await connectPlayground(page);
  await page.getByRole("button", { name: "Subscribe" }).click();
  await page.getByText("pusher_internal:subscription_succeeded").waitFor();
}
