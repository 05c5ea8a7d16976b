/** An operator's questions, with the number of clicks from the list of apps to the answer. */
import { expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { signedPath } from "../../server/test/support/net/http-request.ts";
import { RawClient } from "../../server/test/support/net/raw-client.ts";
import { overflowOf, violationsOf } from "./accessibility.ts";
import { keepPicture } from "./pictures.ts";
import { testDashboard } from "./test-dashboard.ts";

const query = "protocol=7&client=js&version=8.6.0";
const dashboard = testDashboard();

/** Counts the clicks in the page. */
async function countClicks(page: Page): Promise<() => Promise<number>> {
  await page.evaluate(() => {
    document.documentElement.dataset.clicks = "0";
    addEventListener("click", () => {
      const { dataset } = document.documentElement;
      dataset.clicks = String(Number(dataset.clicks) + 1);
    });
  });
  return () => page.evaluate(() => Number(document.documentElement.dataset.clicks));
}

/** Fills the app, gets one more client refused, and connects a client with an unknown key. */
async function makeTrouble(): Promise<RawClient> {
  const { server } = dashboard;
  await server.admin("PATCH", `/apps/${server.app.id}`, { settings: { connectionsMax: 1 } });
  const client = await RawClient.connect(server.webSocketUrl(query));
  for (const url of [
    server.webSocketUrl(query),
    server.webSocketUrl(query).replace(server.app.key, "gone-key"),
  ]) {
    using refused = await RawClient.open(url);
    await refused.expectError();
  }
  return client;
}

test("attention and near limits are visible without a click, and their details after one click", async () => {
  using _client = await makeTrouble();
  const { page, complaints, goTo } = await dashboard.open();
  await goTo("apps");
  const clicks = await countClicks(page);
  const strip = page.getByRole("region", { name: "Needs attention" });
  await strip.getByText("Connections: 1 of 1 (100 %)").waitFor();
  await strip.getByText(/gone-key from 127\.0\.0\.1, js 8\.6\.0: \d+ connection attempts?, last/).waitFor();
  await page.getByRole("row").getByText("100 % used").waitFor();
  const errors = strip.getByRole("listitem").filter({ hasText: /^Errors/ });
  await errors.getByText(/\d+ errors? since/).waitFor();
  expect(await clicks()).toBe(0);

  await errors.getByRole("link").click();
  await page.getByRole("button", { name: /4004/ }).getByText("Raise “Connections” under Settings").waitFor();
  expect(await clicks()).toBe(1);
  expect(complaints).toEqual([]);
});

test("one click shows every limit of an app with usage, maximum and peak", async () => {
  using _client = await makeTrouble();
  const { page, goTo } = await dashboard.open();
  await goTo("apps");
  const clicks = await countClicks(page);
  await page.getByRole("link", { name: "100 % used" }).click();
  const row = page.getByRole("table", { name: "Limits" }).getByRole("row", { name: /^Connections/ });
  await row.getByText("100 %").waitFor();
  expect((await row.getByRole("cell").allInnerTexts()).slice(0, 3)).toEqual(["Connections", "1", "1"]);
  await row.getByText("in 48 h").waitFor();
  expect(await clicks()).toBe(1);
});

test("one click shows the changes at a time, as marks in the charts and as a list", async () => {
  const { server } = dashboard;
  await server.admin("PATCH", `/apps/${server.app.id}`, { settings: { eventHoldMsMax: 5 } });
  const { page, goTo } = await dashboard.open();
  await goTo("apps");
  const clicks = await countClicks(page);
  await page.getByRole("row").getByRole("link").first().click();
  const changes = page.getByRole("list", { name: "Changes" });
  await changes.getByText(/started with version/).waitFor();
  await changes.getByText("Settings changed by").first().waitFor();
  expect(await page.locator("[data-mark]").count()).toBeGreaterThanOrEqual(4);
  expect(await clicks()).toBe(1);
});

test("the selected time range is in the URL and is kept between pages", async () => {
  const { server } = dashboard;
  const { page, goTo } = await dashboard.open({ timezoneId: "UTC" });
  await goTo(`apps/${server.app.id}/overview`);
  await page.getByRole("button", { name: "From–to…" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("From").fill("01/02/2026, 03:00 AM");
  await dialog.getByLabel("To", { exact: true }).fill("2026-01-02 02:00");
  await dialog.getByRole("button", { name: "Show" }).click();
  await dialog.getByText("Must be a time such as").waitFor();
  await dialog.getByLabel("From").fill("2026-01-02 03:00");
  await dialog.getByText("Must be after the first time").waitFor();
  await dialog.getByLabel("To", { exact: true }).fill("2026-01-02 04:00");
  await dialog.getByRole("button", { name: "Show" }).click();
  await page.getByRole("heading", { name: "Jan 2, 03:00 – Jan 2, 04:00" }).waitFor();
  await page.getByRole("link", { name: "Audit log" }).click();
  await page.getByText("No entry matches").waitFor();
  expect(new URL(page.url()).searchParams.get("to")).toStartWith("2026-01-02");
  await page.getByRole("button", { name: "All", exact: true }).click();
  await page.getByRole("row").nth(1).waitFor();
});

test("the list of apps can be sorted by each column, the order is in the URL, and tables can be made dense", async () => {
  using _client = await makeTrouble();
  const { page, goTo } = await dashboard.open();
  await dashboard.server.admin("POST", "/apps", { name: "Idle" });
  await goTo("apps");
  const first = page.getByRole("table", { name: "Apps" }).getByRole("row").nth(1);
  for (const column of ["Messages / min", "Errors / min", "Webhooks", "Limits", "Connections"])
    await page.getByRole("columnheader", { name: column }).getByRole("button").click();
  await page.waitForURL("**/apps?sort=Connections");
  await first.getByText("100 % used").waitFor();
  await page.getByRole("columnheader", { name: "Connections" }).getByRole("button").click();
  await page.waitForURL("**/apps?sort=-Connections");
  await first.getByText("Idle").waitFor();
  const height = async () => (await first.boundingBox())?.height ?? 0;
  const roomy = await height();
  await page.getByRole("button", { name: "Dense tables" }).click();
  expect(await height()).toBeLessThan(roomy);
  await page.reload();
  await first.getByText("Idle").waitFor();
  expect(await height()).toBeLessThan(roomy);
});

/** A signed request of a backend. */
async function signedRequest(secret: string, sdk: string): Promise<void> {
  const { httpUrl, app } = dashboard.server;
  const path = signedPath({ ...app, secret }, { method: "GET", path: `/apps/${app.id}/channels` });
  const answer = await fetch(`${httpUrl}${path}`, { headers: { "x-pusher-library": sdk } });
  expect(answer.status).toBe(200);
}

test("one click shows whether the old secret may be revoked, and who still uses it", async () => {
  const { server } = dashboard;
  const { secret } = (await server.admin("POST", `/apps/${server.app.id}/secrets/rotate`, {})) as {
    readonly secret: { readonly value: string };
  };
  await signedRequest(server.app.secret, "pusher-http-php 7.2");
  await signedRequest(secret.value, "pusher-http-go 5.1");
  const { page, goTo } = await dashboard.open();
  await goTo("apps");
  const clicks = await countClicks(page);
  await page.getByRole("link", { name: "Rotating" }).click();
  await page.getByText("Partly deployed: the old secret is still used").waitFor();
  const backends = (which: string) => page.getByRole("list", { name: `Backends with the ${which} secret` });
  await backends("old")
    .getByText(/127\.0\.0\.1, pusher-http-php 7\.2/)
    .waitFor();
  await backends("new")
    .getByText(/127\.0\.0\.1, pusher-http-go 5\.1/)
    .waitFor();
  expect(await clicks()).toBe(1);
  await server.admin("POST", `/apps/${server.app.id}/secrets/cancel`);
});

test("an app is disabled only after its name was entered, and the dialog describes the consequences", async () => {
  const { server } = dashboard;
  const { page, goTo } = await dashboard.open();
  await goTo(`apps/${server.app.id}/settings`);
  await page.getByRole("button", { name: "Disable the app…" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("do not reconnect by themselves").waitFor();
  const name = dialog.getByRole("textbox");
  await name.and(page.locator(":focus")).waitFor();
  const disable = dialog.getByRole("button", { name: "Disable the app" });
  expect(await disable.isDisabled()).toBe(true);
  await name.fill(
    await dialog
      .getByText("Type the app's name: ")
      .innerText()
      .then((label) => label.split(": ")[1] ?? ""),
  );
  await disable.click();
  await page.getByText("The app is disabled.").waitFor();
  await page.getByRole("button", { name: "Enable the app" }).click();
  await page.getByRole("button", { name: "Disable the app…" }).waitFor();
});

for (const colorScheme of ["light", "dark"] as const)
  for (const width of [390, 1_440])
    test(`the strip is accessible and fits: ${colorScheme}, ${width} pixels wide`, async () => {
      using _client = await makeTrouble();
      const { page, goTo } = await dashboard.open({ colorScheme, viewport: { width, height: 900 } });
      await goTo("apps");
      await page.getByRole("region", { name: "Needs attention" }).getByText("gone-key").waitFor();
      expect(await violationsOf(page)).toEqual([]);
      expect(await overflowOf(page)).toBe(0);
      await keepPicture(page, `attention-${colorScheme}-${width}`);
    });
