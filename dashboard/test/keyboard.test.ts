/** Keyboard use of the dashboard. */
import { expect, test } from "bun:test";
import type { Locator, Page } from "playwright-core";
import { RawClient } from "../../server/test/support/net/raw-client.ts";
import { selected } from "./live-parts.ts";
import { sharedDashboard } from "./test-dashboard.ts";

const dashboard = sharedDashboard();
const stepsMax = 150;

test("the palette opens pages and dialogs, and moves the focus to the page", async () => {
  const { page, goTo } = await dashboard.open();
  await goTo("apps");
  await choose(page, "audit");
  await page.getByRole("heading", { name: "Audit log" }).waitFor();
  await untilFocused(page.locator("#main"));

  await choose(page, "new token");
  const dialog = page.getByRole("dialog", { name: "New token" });
  await dialog.waitFor();
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  await choose(page, "dark theme");
  await page.locator('html[data-theme="dark"]').waitFor({ state: "attached" });
});

test("the palette rotates and disables an app by its name, and finds a channel and a connection", async () => {
  const { server } = dashboard;
  const app = await server.createApp("Tea shop");
  using client = await RawClient.connect(server.webSocketUrl().replace(server.app.key, app.key));
  await client.subscribe("orders-7");
  const { page, goTo } = await dashboard.open();
  await goTo("apps");
  const pick = async (typed: string, option: string) => {
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox").fill(typed);
    await page.getByRole("option", { name: option }).click();
  };
  await pick("create app", "Create app");
  await page.getByRole("dialog", { name: "New app" }).waitFor();
  await page.keyboard.press("Escape");
  await pick("rotate tea", "Rotate the secret of Tea shop");
  await page.waitForURL(`**/apps/${app.id}/settings?ask=rotate`);
  await page.getByRole("button", { name: "Rotate the secret" }).waitFor();
  await pick("disable tea", "Disable Tea shop");
  await page.getByRole("dialog", { name: "Disable Tea shop?" }).waitFor();
  await page.keyboard.press("Escape");
  await pick("orders", "orders-7");
  await page.getByRole("heading", { name: "Subscribers (1)" }).waitFor();
  await pick(client.socketId, client.socketId);
  await page.getByRole("dialog", { name: `Connection ${client.socketId}` }).waitFor();
});

test("Escape closes the palette and restores the focus", async () => {
  const { page, goTo } = await dashboard.open();
  await goTo("apps");
  const search = page.getByRole("searchbox");
  await search.focus();
  await page.keyboard.press("Control+k");
  await page.getByRole("dialog", { name: "Go to" }).waitFor();
  await page.keyboard.press("Escape");
  await untilFocused(search);
});

test("the first Tab stop skips the menu", async () => {
  const { page, goTo } = await dashboard.open();
  await goTo("apps");
  await page.keyboard.press("Tab");
  await untilFocused(page.getByRole("button", { name: "Skip to the page" }));
  await page.keyboard.press("Enter");
  await untilFocused(page.locator("#main"));
  await page.keyboard.press("Tab");
  await untilFocused(page.getByRole("button", { name: "New app" }));
});

test("a dialog traps the focus and returns it to its button", async () => {
  const { page, goTo } = await dashboard.open();
  await goTo("team");
  const button = page.getByRole("button", { name: "Invite" });
  await button.focus();
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: "Invite a person" });
  await dialog.waitFor();
  for (let step = 0; step < 15; step++) {
    await page.keyboard.press("Tab");
    // After the last field the focus moves to the browser's own bar, never to the page below.
    const isKept = await dialog.evaluate(
      (element) => element.contains(document.activeElement) || document.activeElement === document.body,
    );
    expect(isKept).toBe(true);
  }
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  await untilFocused(button);
});

for (const name of ["console", "webhooks", "events", "playground", "settings", "connections"]) {
  test(`Tab reaches every control of the ${name} page, and the focus is visible`, async () => {
    const { page, goTo } = await dashboard.open();
    await goTo(`apps/${dashboard.server.app.id}/${name}`);
    await page.getByRole("status", { name: "Loading" }).first().waitFor({ state: "hidden" });
    // It is below the others, and may be loaded after them.
    if (name === "webhooks") await page.getByRole("button", { name: /webhooks to localhost/ }).waitFor();
    const invisible: string[] = [];
    for (let step = 0; step < stepsMax; step++) {
      await page.keyboard.press("Tab");
      const focused = await page.evaluate(markFocused);
      if (focused.isBack) break;
      if (!focused.isVisible) invisible.push(focused.html);
    }
    expect(invisible).toEqual([]);
    expect(await page.evaluate(unreached)).toEqual([]);
  });
}

function markFocused() {
  const element = document.activeElement;
  if (!(element instanceof HTMLElement) || element === document.body)
    return { isBack: true, isVisible: true, html: "" };
  const isBack = element.dataset.reached === "yes";
  element.dataset.reached = "yes";
  const { outlineStyle, outlineWidth } = getComputedStyle(element);
  return {
    isBack,
    isVisible: outlineStyle !== "none" && outlineWidth !== "0px",
    html: element.outerHTML.slice(0, 200),
  };
}

function unreached(): string[] {
  const actions = "main :is(a[href], button, input, select, textarea, summary)";
  return [...document.querySelectorAll<HTMLElement>(actions)]
    .filter((element) => element.checkVisibility() && !element.matches(":disabled"))
    .filter((element) => element.dataset.reached !== "yes" && element.tabIndex >= 0)
    .map((element) => element.outerHTML.slice(0, 200));
}

async function choose(page: Page, typed: string): Promise<void> {
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: "Search pages" }).fill(typed);
  await selected(page.getByRole("option", { name: new RegExp(typed, "i") }));
  await page.keyboard.press("Enter");
}

async function untilFocused(locator: Locator): Promise<void> {
  await locator.and(locator.page().locator(":focus")).waitFor({ state: "attached" });
}

test("the button of the palette keeps its height in a low window, where the sidebar scrolls", async () => {
  const { server } = dashboard;
  const { page, goTo } = await dashboard.open({ viewport: { width: 1280, height: 500 } });
  await goTo(`apps/${server.app.id}/overview`);
  const box = await page.getByRole("button", { name: "Go to" }).boundingBox();
  expect(box?.height).toBe(32);
});
