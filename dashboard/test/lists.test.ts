/** Paginated lists can be read to the end and searched on the server. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { RawClient } from "../../server/test/support/net/raw-client.ts";
import { tablesCut } from "./accessibility.ts";
import { selected } from "./live-parts.ts";
import { testDashboard } from "./test-dashboard.ts";

const dashboard = testDashboard();
const clients: RawClient[] = [];
const connectionCount = 450;
const channelCount = 1_350;
const channelsOfEach = channelCount / connectionCount;

beforeAll(async () => {
  const { server } = dashboard;
  for (let index = 0; index < connectionCount; index++) {
    const client = await RawClient.connect(server.webSocketUrl());
    clients.push(client);
    for (let one = 0; one < channelsOfEach; one++) {
      const channel = `room-${String(index * channelsOfEach + one).padStart(5, "0")}`;
      client.send({ event: "pusher:subscribe", data: { channel } });
    }
  }
  for (let index = 0; index < 250; index++) await server.admin("POST", "/apps", { name: `Shop ${index}` });
});
afterAll(() => {
  for (const client of clients) client[Symbol.dispose]();
});

test.each([1_440, 375])(
  "all channels can be scrolled to with few rows in the DOM, and found by prefix: %i pixels wide",
  async (width) => {
    const { page, goTo } = await dashboard.open({ viewport: { width, height: 900 } });
    await goTo(`apps/${dashboard.server.app.id}/channels`);
    await page.getByText("200 of 1,350 channels").waitFor();
    await scrollToEnd(page, "Channels", "room-01349");
    await page.getByText("1,350 channels", { exact: true }).waitFor();
    expect(await page.getByRole("row").count()).toBeLessThan(100);
    expect(await tablesCut(page)).toEqual([]);

    await page.getByRole("searchbox").fill("room-0134");
    await page.getByText("10 channels", { exact: true }).waitFor();
  },
);

test("all connections can be reached, and found by a prefix of their socket id", async () => {
  const { page, goTo } = await dashboard.open();
  await goTo(`apps/${dashboard.server.app.id}/connections`);
  await page.getByText("200 of 450 connections").waitFor();
  const last = clients.at(-1)?.socketId ?? "";
  await scrollToEnd(page, "Open connections", last);
  await page.getByRole("searchbox").fill(last);
  await page.getByText("1 connection", { exact: true }).waitFor();
});

test("all apps can be reached with the keyboard, and found by name", async () => {
  const { page, goTo } = await dashboard.open();
  await goTo("apps");
  await page.getByText("200 of 251 apps").waitFor();
  await page.getByRole("button", { name: "Load more" }).focus();
  await page.keyboard.press("Enter");
  await page.getByText("251 apps", { exact: true }).waitFor();
  await page.getByRole("searchbox").fill("Shop 249");
  await page.getByRole("link", { name: "Shop 249" }).waitFor();
});

test("the palette finds an app that is not on the first page", async () => {
  const { page, goTo } = await dashboard.open();
  await goTo("apps");
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: "Search pages" }).fill("shop 248");
  await selected(page.getByRole("option", { name: "Shop 248" }));
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Shop 248" }).waitFor();
});

test("the Load more button keeps the focus until the first audit entry", async () => {
  const { page, goTo } = await dashboard.open();
  await goTo("audit");
  const more = page.getByRole("button", { name: "Load more" });
  await more.focus();
  await page.keyboard.press("Enter");
  await page.getByText("200 entries, older ones available").waitFor();
  await page.keyboard.press("Enter");
  await more.waitFor({ state: "detached" });
  expect(await page.getByRole("row").count()).toBeGreaterThan(250);
});

test("on a narrow screen a row is a card with labels, and still a table row for screen readers", async () => {
  const { page, goTo } = await dashboard.open({ viewport: { width: 375, height: 900 } });
  await goTo("audit");
  const card = page.getByRole("row").filter({ hasText: "app.create" }).first();
  const height = async () => (await card.boundingBox())?.height ?? 0;
  await card.getByText("Actor", { exact: true }).waitFor();
  const cardHeight = await height();
  const tree = await page.context().newCDPSession(page);
  const roles = async () => {
    const { nodes } = await tree.send("Accessibility.getFullAXTree");
    return new Set(nodes.map(({ role }) => role?.value));
  };
  for (const role of ["table", "columnheader", "row", "cell"]) expect(await roles()).toContain(role);

  await page.setViewportSize({ width: 1_440, height: 900 });
  await card.getByText("Actor", { exact: true }).waitFor({ state: "detached" });
  expect(await height()).toBeLessThan(cardHeight);
  expect(await roles()).toContain("cell");
});

test("any app can be selected for a token and a person, and is named in the team list", async () => {
  // More than fit on one page.
  for (let index = 250; index < 550; index++)
    await dashboard.server.admin("POST", "/apps", { name: `Shop ${index}` });
  const { page, goTo } = await dashboard.open();
  const dialog = page.getByRole("dialog");
  const chooseBySearch = async (name: string) => {
    await dialog.getByRole("button", { name: "Load more" }).waitFor();
    expect(await dialog.getByRole("checkbox", { name }).count()).toBe(0);
    await dialog.getByRole("searchbox").fill(name);
    await page.keyboard.press("Enter");
    await dialog.getByRole("checkbox", { name }).check();
    await dialog.getByRole("searchbox").fill("");
    expect(await dialog.getByRole("checkbox", { name }).isChecked()).toBe(true);
  };
  await goTo("tokens?new");
  await dialog.getByLabel("Name").fill("of one app");
  await dialog.getByLabel("Permissions").selectOption("Full access to selected apps");
  expect(await dialog.getByRole("button", { name: "Create the token" }).isEnabled()).toBe(false);
  await chooseBySearch("Shop 549");
  await dialog.getByRole("button", { name: "Create the token" }).click();
  await dialog.getByRole("button", { name: "Done" }).click();
  const found = await dashboard.server.admin("GET", "/apps?search=Shop+549");
  const { apps } = found as { readonly apps: readonly { readonly id: string }[] };
  await page.getByRole("row", { name: "of one app" }).getByText(`app:${apps[0]?.id}`).waitFor();

  await goTo("team?new");
  await dialog.getByLabel("E-mail").fill("dev@example.com");
  await chooseBySearch("Shop 548");
  await dialog.getByRole("button", { name: "Create the link" }).click();
  await dialog.getByRole("button", { name: "Done" }).click();
  await page.getByRole("row", { name: "dev@" }).getByText("Shop 548", { exact: true }).waitFor();
});

async function scrollToEnd(page: Page, table: string, last: string): Promise<void> {
  const box = page.getByRole("group", { name: table });
  const row = page.getByRole("table", { name: table }).getByText(last);
  while ((await row.count()) === 0) {
    await box.evaluate((element) => element.scrollTo(0, element.scrollHeight));
    await page.evaluate(() => new Promise(requestAnimationFrame));
  }
}
