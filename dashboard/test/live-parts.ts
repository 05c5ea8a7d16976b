/** Parts of the pages that change by themselves. */
import type { Locator, Page } from "playwright-core";
import type { RunningServer } from "../../server/test/support/start-server.ts";

/** Call it on the page of the playground. */
export async function connectPlayground(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Connect" }).click();
  await page.getByText("connected", { exact: true }).waitFor();
}

/** From any page of the app: the console shows a new event immediately. */
export async function seeEventInConsole(page: Page, server: RunningServer): Promise<void> {
  await page.getByRole("link", { name: "Live console" }).click();
  await page.getByText("Live", { exact: true }).waitFor();
  await server.admin("POST", `/apps/${server.app.id}/events`, { name: "e", channels: ["c"], data: "{}" });
  await page
    .getByRole("button", { name: /API event/ })
    .first()
    .waitFor();
}

/** Waits until Enter in the palette chooses this option: an option appears before the palette selects it. */
export function selected(option: Locator): Promise<void> {
  return option.and(option.page().locator("[data-active-item]")).waitFor();
}
