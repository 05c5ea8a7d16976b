/** Every page in both themes and both widths: accessible, quiet, from this server alone. SCREENSHOTS=1 keeps pictures. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { source as axeSource } from "axe-core";
import type { Page } from "playwright-core";
import { testDashboard } from "./test-dashboard.ts";
import { Traffic } from "./traffic.ts";

const pictures = join(import.meta.dir, "..", "..", "docs", "screenshots");
const appPages = [
  "overview",
  "console",
  "channels",
  "connections",
  "events",
  "playground",
  "webhooks",
  "settings",
];
const serverPages = ["apps", "nodes", "team", "tokens", "audit", "account"];
const sizes = [
  { width: 375, height: 812 },
  { width: 1440, height: 900 },
];

const dashboard = testDashboard();
let traffic: Traffic;
beforeAll(async () => {
  traffic = new Traffic(dashboard.server);
  await traffic.begin();
});
afterAll(() => traffic?.end());

for (const colorScheme of ["light", "dark"] as const) {
  for (const viewport of sizes) {
    test(`every page is accessible and quiet: ${colorScheme}, ${viewport.width} pixels wide`, async () => {
      const { page, complaints, hosts, goTo } = await dashboard.open({ colorScheme, viewport });
      for (const name of [...serverPages, ...appPages]) {
        await goTo(appPages.includes(name) ? `apps/${dashboard.server.app.id}/${name}` : name);
        await page.getByRole("status", { name: "Loading" }).first().waitFor({ state: "hidden" });
        await traffic.stir();
        expect({ name, violations: await violationsOf(page) }).toEqual({ name, violations: [] });
        expect({ name, overflow: await overflowOf(page) }).toEqual({ name, overflow: 0 });
        if (process.env.SCREENSHOTS === "1") {
          await page.screenshot({ path: join(pictures, `${name}-${colorScheme}-${viewport.width}.png`) });
        }
      }
      expect(complaints).toEqual([]);
      expect([...hosts]).toEqual([new URL(dashboard.server.httpUrl).host]);
    });
  }
}

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly impact: string;
    readonly nodes: readonly { readonly html: string }[];
  }[];
}

/** Serious and critical ones. */
async function violationsOf(page: Page): Promise<string[]> {
  await page.evaluate(axeSource);
  const { violations } = (await page.evaluate("axe.run()")) as AxeResult;
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
}

/** How many pixels the page is wider than its window. */
function overflowOf(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}
