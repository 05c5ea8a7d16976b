/** Filters and open items are stored in the URL, and unsaved changes are guarded. */
import { expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { RawClient } from "../../server/test/support/net/raw-client.ts";
import { until } from "../../server/test/support/until.ts";
import { sharedDashboard } from "./test-dashboard.ts";

const dashboard = sharedDashboard();

test("the audit log can be searched, describes changes in words, and links to its targets", async () => {
  const { server } = dashboard;
  const app = await server.createApp("Bakery");
  await server.admin("PATCH", `/apps/${app.id}`, { settings: { connectionsMax: 7 } });
  await server.admin("POST", `/apps/${app.id}/secrets/rotate`, {});
  const { page, goTo } = await dashboard.open();
  await goTo("audit");
  const row = (text: string) => page.getByRole("row").filter({ hasText: text }).filter({ hasText: "Bakery" });
  await row("app.update").getByText("Connections from 0 to 7").waitFor();
  const table = page.getByRole("table", { name: "Audit log" });
  await table.getByRole("columnheader", { name: "Change" }).waitFor();
  const change = row("app.create").getByRole("button", { expanded: false });
  const lineHeight = (await change.boundingBox())?.height ?? 0;
  await change.click();
  const fields = row("app.create").getByRole("button", { expanded: true });
  expect((await fields.boundingBox())?.height).toBeGreaterThan(5 * lineHeight);
  await page.getByRole("searchbox").fill("rotate");
  await row("app.update").waitFor({ state: "detached" });
  await page.waitForURL(/search=rotate/);
  await page.reload();
  await row("secret.rotate").getByText("of Bakery").waitFor();
  await page.getByRole("button", { name: "SOKETIFY_ADMIN_TOKEN", exact: true }).first().click();
  await page.waitForURL(/actor=SOKETIFY_ADMIN_TOKEN/);
  await row("secret.rotate").getByRole("link").click();
  await page.waitForURL(`**/apps/${app.id}/settings`);
});

test("a search finds open and closed connections, and is kept in the URL", async () => {
  const { server } = dashboard;
  const closed = await RawClient.connect(server.webSocketUrl());
  closed[Symbol.dispose]();
  using open = await RawClient.connect(server.webSocketUrl());
  const { page, goTo } = await dashboard.open();
  await goTo(`apps/${server.app.id}/connections`);
  const table = (name: string) => page.getByRole("table", { name });
  await table("Closed connections").getByText(closed.socketId).waitFor();
  await page.getByRole("searchbox").fill(open.socketId);
  await page.getByText("No closed connection matches").waitFor();
  await table("Open connections").getByText(open.socketId).waitFor();
  await page.waitForURL(/search=/);
  await goTo(`apps/${server.app.id}/connections?search=${closed.socketId}`);
  await table("Closed connections").getByText(closed.socketId).waitFor();
  await page.getByText("No open connection matches").waitFor();
});

test("leaving unsaved settings requires a confirmation, and an invalid number is shown beside its field", async () => {
  const { server } = dashboard;
  const { page, goTo } = await dashboard.open();
  await goTo(`apps/${server.app.id}/settings`);
  const field = page.getByRole("spinbutton", { name: "Connections", exact: true });
  await field.fill("-3");
  await page.getByRole("button", { name: "Save changes" }).click();
  await page.getByText(/^A whole number from 0 to /).waitFor();
  expect(await field.getAttribute("aria-invalid")).toBe("true");
  const asked: string[] = [];
  let isSure = false;
  page.on("dialog", async (dialog) => {
    asked.push(dialog.type());
    await (isSure ? dialog.accept() : dialog.dismiss());
  });
  await page.getByRole("link", { name: "Channels" }).click();
  expect([asked, new URL(page.url()).pathname.endsWith("/settings")]).toEqual([["confirm"], true]);
  await page.close({ runBeforeUnload: true });
  await until("the browser to ask", async () => asked.includes("beforeunload"));
  isSure = true;
  await page.getByRole("link", { name: "Channels" }).click();
  await page.waitForURL("**/channels");
});

test("a setting that is typed while another one is being saved is kept, and saved next", async () => {
  const { server } = dashboard;
  const app = await server.createApp("Slow shop");
  const { page, goTo } = await dashboard.open();
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  await page.route(`**/api/v1/apps/${app.id}`, async (route) => {
    if (route.request().method() === "PATCH") await released;
    await route.continue();
  });
  await goTo(`apps/${app.id}/settings`);
  const field = (name: string) => page.getByRole("spinbutton", { name, exact: true });
  const save = page.getByRole("button", { name: "Save changes" });
  await field("Connections").fill("7");
  await save.click();
  await save.and(page.locator("[aria-busy=true]")).waitFor();
  await field("Members of a presence channel").fill("8");
  release();
  await save.and(page.locator("[aria-busy=false]")).waitFor();
  expect(await field("Members of a presence channel").inputValue()).toBe("8");
  await save.click();
  await save.and(page.locator(":disabled")).waitFor();
  const answer = await server.admin("GET", `/apps/${app.id}`);
  expect(answer).toMatchObject({ app: { settings: { connectionsMax: 7, presenceMembersMax: 8 } } });
});

/** Goes back from unsaved settings and stays at the question; the next one is confirmed. Returns how often it was asked. */
async function refuseBack(page: Page): Promise<() => number> {
  let asked = 0;
  page.on("dialog", async (dialog) => {
    asked += 1;
    await (asked === 1 ? dialog.dismiss() : dialog.accept());
  });
  await page.evaluate(() => history.back());
  await until("the first question", async () => asked === 1);
  await page.waitForURL("**/settings");
  return () => asked;
}

test("Back asks before it leaves unsaved settings, and leaves them only after a confirmation", async () => {
  const { server } = dashboard;
  const { page, goTo } = await dashboard.open();
  await goTo(`apps/${server.app.id}/channels`);
  await page.getByRole("navigation", { name: "App" }).getByRole("link", { name: "Settings" }).click();
  const field = page.getByRole("spinbutton", { name: "Connections", exact: true });
  await field.fill("7");
  const askedCount = await refuseBack(page);
  expect(await field.inputValue()).toBe("7");
  await page.evaluate(() => history.back());
  await page.waitForURL("**/channels");
  await page.getByRole("heading", { name: "Channels", level: 1 }).waitFor();
  expect(askedCount()).toBe(2);
});

test("after a refused Back, Forward still leads to the page after the settings", async () => {
  const { server } = dashboard;
  const { page, goTo } = await dashboard.open();
  await goTo(`apps/${server.app.id}/channels`);
  await page.getByRole("navigation", { name: "App" }).getByRole("link", { name: "Settings" }).click();
  await page.getByRole("heading", { name: "Settings", level: 1 }).waitFor();
  await page.getByRole("link", { name: "Connections" }).click();
  await page.getByRole("heading", { name: "Connections", level: 1 }).waitFor();
  await page.evaluate(() => history.back());
  const field = page.getByRole("spinbutton", { name: "Connections", exact: true });
  await field.click();
  await page.keyboard.type("7");
  const askedCount = await refuseBack(page);
  expect(await field.inputValue()).toContain("7");
  await page.evaluate(() => history.forward());
  await page.getByRole("heading", { name: "Connections", level: 1 }).waitFor();
  expect(askedCount()).toBe(2);
});

test("the console shows the rows of the selected time, from the server's memory and live, and where it ends", async () => {
  const { server } = dashboard;
  const { page, complaints, goTo } = await dashboard.open();
  using client = await RawClient.connect(server.webSocketUrl());
  await client.subscribe("before-the-page");
  const body = { name: "order-placed", channels: ["before-the-page"], data: "1" };
  await server.admin("POST", `/apps/${server.app.id}/events`, body);
  await client.expect("order-placed");
  const rows = (text: string) => page.getByRole("button", { name: new RegExp(text) });
  await goTo(`apps/${server.app.id}/console?from=2026-01-02T03:00:00Z&to=2026-01-02T04:00:00Z`);
  await page.getByText(/^0 stored rows\. This time is older than what the server keeps in memory/).waitFor();
  await page.getByText("Nothing matches yet").waitFor();
  await client.subscribe("while-open");
  await page.getByText(/^[1-9]\d* rows?$/).waitFor();
  expect(await rows("Subscribed.*while-open").count()).toBe(0);

  await page.getByRole("button", { name: "Hour", exact: true }).click();
  await page.waitForURL("**/console?time=hour");
  await rows("Subscribed.*while-open").waitFor();
  await rows("Subscribed.*before-the-page").waitFor();
  await rows("API event.*before-the-page.*order-placed.*delivered to 1.*data not kept").waitFor();
  await page.getByText(/stored rows\. Rows before .* are missing or incomplete/).waitFor();
  await page.getByLabel("Channel, or a prefix with *").fill("while-*");
  await rows("before-the-page").first().waitFor({ state: "detached" });
  expect([await rows("Subscribed.*while-open").count(), complaints]).toEqual([1, []]);
});

test("cleared rows of the console stay hidden after a reload, until they are shown again", async () => {
  const { server } = dashboard;
  const { page, complaints, goTo } = await dashboard.open();
  using client = await RawClient.connect(server.webSocketUrl());
  await client.subscribe("stored-room");
  const rows = (text: string) => page.getByRole("button", { name: new RegExp(`Subscribed.*${text}`) });
  await goTo(`apps/${server.app.id}/console?time=hour`);
  await rows("stored-room").waitFor();
  await client.subscribe("live-room");
  await rows("live-room").waitFor();
  await page.getByRole("button", { name: "Clear" }).click();
  await page.getByText(/^Rows before .* are hidden/).waitFor();
  await client.subscribe("later-room");
  await rows("later-room").waitFor();
  await page.waitForURL(/cleared=/);
  await page.reload();
  await rows("later-room").waitFor();
  expect([await rows("stored-room").count(), await rows("live-room").count()]).toEqual([0, 0]);
  await page.getByRole("button", { name: "Show them" }).click();
  await rows("stored-room").waitFor();
  await rows("live-room").waitFor();
  await page.waitForURL("**/console?time=hour");
  expect(complaints).toEqual([]);
});

test("on a phone the details of a channel open as a sheet", async () => {
  const { server } = dashboard;
  using client = await RawClient.connect(server.webSocketUrl());
  await client.subscribe("orders");
  const { page, goTo } = await dashboard.open({ viewport: { width: 390, height: 844 } });
  await goTo(`apps/${server.app.id}/channels`);
  const { app } = (await server.admin("GET", `/apps/${server.app.id}`)) as {
    readonly app: { readonly name: string };
  };
  await page.getByText(app.name, { exact: true }).and(page.locator(":visible")).waitFor();
  await until(
    "the title to name the app",
    async () => (await page.title()) === `Channels · ${app.name} · Soketify`,
  );
  await page.getByRole("button", { name: "orders", exact: true }).click();
  const sheet = page.getByRole("dialog", { name: "orders" });
  await sheet.getByRole("heading", { name: "Subscribers (1)" }).waitFor();
  const box = await sheet.boundingBox();
  expect([box?.x, box?.width, (box?.y ?? 0) + (box?.height ?? 0)]).toEqual([0, 390, 844]);
  await page.goBack();
  await sheet.waitFor({ state: "detached" });
});

test("on a phone the console shows the times of its rows", async () => {
  const { server } = dashboard;
  const { page, goTo } = await dashboard.open({ viewport: { width: 375, height: 812 } });
  await goTo(`apps/${server.app.id}/console`);
  await page.getByText("Live", { exact: true }).waitFor();
  using client = await RawClient.connect(server.webSocketUrl());
  await client.subscribe("a-channel-with-a-long-name-that-is-cut");
  const row = page.getByRole("button", { name: /Subscribed/ }).first();
  await row.locator("time").waitFor();
});
