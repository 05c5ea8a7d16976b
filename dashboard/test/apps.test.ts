/** The list of apps: empty, searched, slow, and with long names. */
import { expect, test } from "bun:test";
import type { Page, Route } from "playwright-core";
import { testDashboard } from "./test-dashboard.ts";

const dashboard = testDashboard();

/** Replaces the server's answers for the list of apps. */
async function answerList(
  page: Page,
  answer: (route: Route, search: string) => Promise<void>,
): Promise<void> {
  await page.route("**/api/v1/board?*", (route) =>
    answer(route, new URL(route.request().url()).searchParams.get("search") ?? ""),
  );
}

test("without apps the page offers to create the first one", async () => {
  const { page, goTo } = await dashboard.open();
  await answerList(page, (route) =>
    route.fulfill({ json: { apps: [], total: 0, nextCursor: null, unanswered: [] } }),
  );
  await goTo("apps");
  await page.getByText("There are no apps yet").waitFor();
  await page.getByRole("button", { name: "Create the first app" }).click();
  await page.getByRole("dialog").getByRole("textbox", { name: "Name" }).waitFor();
});

test("a search says that nothing matches only after the answer", async () => {
  const { page, goTo } = await dashboard.open();
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  await answerList(page, async (route, search) => {
    if (search === "tea") await released;
    await route.continue();
  });
  await goTo("apps");
  const search = page.getByRole("searchbox");
  await search.fill("coffee");
  await page.getByText("No app matches “coffee”").waitFor();
  const asked = page.waitForRequest((request) => request.url().includes("search=tea"));
  await search.fill("tea");
  await asked;
  await page.locator("main").getByRole("status", { name: "Loading" }).waitFor();
  expect(await page.getByText("No app matches").count()).toBe(0);
  release();
  await page.getByText("No app matches “tea”").waitFor();
});

test("an app can be created with an existing id, key and secret", async () => {
  const { page, goTo } = await dashboard.open();
  await goTo("apps?new");
  const form = page.getByRole("dialog");
  await form.getByText("Use an existing ID, key and secret").click();
  await form.getByLabel("App ID").fill("app-id");
  await form.getByLabel("Key", { exact: true }).fill("app-key");
  await form.getByLabel("Secret", { exact: true }).fill("app-secret");
  await form.getByText("A secret of fewer than 16 characters can be guessed").waitFor();
  await form.getByRole("button", { name: "Create app" }).click();
  await page.waitForURL("**/dashboard/apps/app-id/overview");
  await page.getByRole("link", { name: "Channels" }).click();
  await page.waitForURL("**/dashboard/apps/app-id/channels");
});

for (const width of [375, 1_440]) {
  test(`a long name does not hide the app's state, ${width} pixels wide`, async () => {
    const { server } = dashboard;
    const name = `The app of a very long name ${"and more ".repeat(7)}${width}`;
    const app = await server.createApp(name);
    await server.admin("PATCH", `/apps/${app.id}`, { isEnabled: false });
    await server.admin("POST", `/apps/${app.id}/secrets/rotate`, {});
    const { page, goTo } = await dashboard.open({ viewport: { width, height: 900 } });
    await goTo("apps");
    const row = page.getByRole("row").filter({ has: page.getByRole("link", { name }) });
    const cell = await row.getByRole("cell").first().boundingBox();
    const badge = await row.getByText("Rotating").boundingBox();
    if (cell === null || badge === null) throw new Error("The row is not in the page");
    expect(badge.x + badge.width).toBeLessThanOrEqual(cell.x + cell.width);
    expect(badge.x + badge.width).toBeLessThanOrEqual(width);
  });
}
