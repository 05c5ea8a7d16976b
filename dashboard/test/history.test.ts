/** Pages opened after an event still show it. */
import { expect, test } from "bun:test";
import type { Locator, Page } from "playwright-core";
import { RawClient } from "../../server/test/support/net/raw-client.ts";
import { overflowOf, violationsOf } from "./accessibility.ts";
import { keepFromAskingAgain } from "./ask-once.ts";
import { keepPicture } from "./pictures.ts";
import { sharedDashboard } from "./test-dashboard.ts";

const query = "protocol=7&client=js&version=8.6.0";

const dashboard = sharedDashboard();

function connect(): Promise<RawClient> {
  return RawClient.connect(dashboard.server.webSocketUrl(query), {
    headers: ["Origin: https://shop.example"],
  });
}

/** Sends a client event on a public channel, which is refused with an error. */
async function makeError(client: RawClient): Promise<void> {
  client.send({ event: "client-typing", channel: "orders", data: {} });
  await client.expectError();
}

function close({ socketId }: RawClient): Promise<unknown> {
  return dashboard.server.admin("DELETE", `/apps/${dashboard.server.app.id}/connections/${socketId}`);
}

/** Connects, subscribes, gets an error, unsubscribes, and is closed by an administrator. */
async function comeAndGo(): Promise<string> {
  using client = await connect();
  await client.subscribe("orders");
  await makeError(client);
  client.send({ event: "pusher:unsubscribe", data: { channel: "orders" } });
  await client.expectNothingMore();
  await close(client);
  await client.waitForClose();
  return client.socketId;
}

function dialogOf(page: Page, socketId: string): Locator {
  return page.getByRole("dialog", { name: `Connection ${socketId}` });
}

/** The words of the rows, such as `Connected` and `Subscribed`. */
async function stepsOf(dialog: Locator): Promise<string[]> {
  const rows = await dialog
    .getByRole("listitem")
    .filter({ has: dialog.page().locator("time") })
    .all();
  return Promise.all(rows.map(async (row) => (await row.innerText()).split("\n").slice(1).join(" ")));
}

test("a connection closed before the page was opened shows its timeline and close reason", async () => {
  const socketId = await comeAndGo();
  const { page, complaints, goTo } = await dashboard.open();
  await goTo(`apps/${dashboard.server.app.id}/connections`);
  await page.getByRole("button", { name: socketId }).click();
  const dialog = dialogOf(page, socketId);
  const why = dialog.getByRole("region", { name: "Why it closed" });
  await why.waitFor();
  const story = await why.innerText();
  for (const words of [
    "4009\nNot allowed",
    "Closed by an administrator",
    "does not reconnect",
    "What to do",
    "errors.md#code-4009",
  ])
    expect(story).toContain(words);
  expect(await stepsOf(dialog)).toEqual([
    "Connected js 8.6.0 · from 127.0.0.1 · https://shop.example",
    "Subscribed orders",
    "Error Client event rejected - only supported on private and presence channels",
    "Unsubscribed orders",
    "Disconnected 4009 · Not allowed",
  ]);
  expect(complaints).toEqual([]);
});

test("a connection that reconnected shows how many of its missed events it received", async () => {
  const { server } = dashboard;
  const channelRules = [{ pattern: "kept-*", historyEventsMax: 10 }];
  await server.admin("PATCH", `/apps/${server.app.id}`, { settings: { channelRules } });
  const publish = (event: number) =>
    server.admin("POST", `/apps/${server.app.id}/events`, {
      name: "counted",
      channels: ["kept-1"],
      data: String(event),
    });
  await publish(0);
  using before = await connect();
  const position = (await before.subscribe("kept-1")) as { readonly epoch: string; readonly offset: number };
  for (let event = 1; event <= 10; event++) await publish(event);
  using client = await connect();
  await client.subscribe("kept-1", { recover: { ...position, socket_id: before.socketId } });
  const { page, goTo } = await dashboard.open();
  await goTo(`apps/${server.app.id}/connections?socket=${client.socketId}`);
  await dialogOf(page, client.socketId).getByText("Recovered 10 of 10 · kept-1").waitFor();

  await publish(11);
  using late = await connect();
  await late.subscribe("kept-1", { recover: { ...position, socket_id: before.socketId } });
  await goTo(`apps/${server.app.id}/connections?socket=${late.socketId}`);
  const words = "Not recovered: some of what it missed is no longer kept · kept-1";
  await dialogOf(page, late.socketId).getByText(words).waitFor();
});

test("the timeline of an open connection shows the past and updates until the close", async () => {
  using client = await connect();
  await client.subscribe("orders");
  const { page, complaints, goTo } = await dashboard.open();
  await goTo(`apps/${dashboard.server.app.id}/connections`);
  await page.getByRole("button", { name: client.socketId }).click();
  const dialog = dialogOf(page, client.socketId);
  await dialog.getByText("Subscribed", { exact: true }).waitFor();
  await client.subscribe("invoices");
  await dialog.getByText("Subscribed", { exact: true }).nth(1).waitFor();
  await dialog.getByRole("button", { name: "Close this connection" }).click();
  await dialog.getByText("Closed by an administrator").waitFor();
  expect((await stepsOf(dialog)).map((step) => step.split(" ")[0])).toEqual([
    "Connected",
    "Subscribed",
    "Subscribed",
    "Disconnected",
  ]);
  expect(complaints).toEqual([]);
});

test("a connection has its own URL, and the Back button closes it", async () => {
  const socketId = await comeAndGo();
  const { page, goTo } = await dashboard.open();
  const list = `apps/${dashboard.server.app.id}/connections`;
  const dialog = dialogOf(page, socketId);
  await goTo(list);
  await page.getByRole("button", { name: socketId }).click();
  await dialog.getByRole("button", { name: "Copy a link to this connection" }).click();
  await dialog.getByText("Copied", { exact: true }).waitFor({ state: "attached" });
  const link = await page.evaluate(() => navigator.clipboard.readText());
  expect(link).toBe(page.url());
  await page.goBack();
  await dialog.waitFor({ state: "detached" });
  await page.goForward();
  await dialog.waitFor();
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  expect(page.url()).toEndWith(list);

  const colleague = await dashboard.open();
  await colleague.page.goto(link);
  await dialogOf(colleague.page, socketId).getByText("What to do").waitFor();
  await colleague.page.keyboard.press("Escape");
  await dialogOf(colleague.page, socketId).waitFor({ state: "detached" });
  expect(colleague.page.url()).toEndWith(list);
});

test("a channel has its own URL, and the Back button closes it", async () => {
  using client = await connect();
  await client.subscribe("a@b@c=@1");
  const { page, goTo } = await dashboard.open({ viewport: { width: 375, height: 360 } });
  const list = `apps/${dashboard.server.app.id}/channels`;
  const panel = page.getByRole("heading", { name: "a@b@c=@1" });
  await goTo(list);
  await page.getByRole("button", { name: "a@b@c=@1" }).click();
  await panel.waitFor();
  expect(await panel.evaluate((heading) => heading.getBoundingClientRect().bottom < innerHeight)).toBe(true);
  const link = page.url();
  await page.goBack();
  await panel.waitFor({ state: "detached" });
  expect(page.url()).toEndWith(list);
  await page.goto(link);
  await panel.waitFor();
  await page.getByRole("button", { name: "Close" }).click();
  await panel.waitFor({ state: "detached" });
  expect(page.url()).toEndWith(list);
});

/** The group of the errors of `makeError`. It opens to the newest errors. */
function groupOf(page: Page): Locator {
  return page.getByRole("button", { name: /Client event rejected/ });
}

test("the overview shows groups of errors with their newest errors, whose connection can be opened by keyboard", async () => {
  using client = await connect();
  await makeError(client);
  const { page, goTo } = await dashboard.open();
  await goTo(`apps/${dashboard.server.app.id}/overview`);
  const link = page.getByRole("button", { name: `Timeline of connection ${client.socketId}` });
  await groupOf(page).click();
  await groupOf(page)
    .getByText(/js 8\.6\.0/)
    .waitFor();
  await link.first().waitFor();
  expect(await link.count()).toBe(1);
  await makeError(client);
  await link.nth(1).waitFor();

  await link.first().focus();
  await page.keyboard.press("Enter");
  await dialogOf(page, client.socketId).getByText("Connected", { exact: true }).waitFor();
  await page.keyboard.press("Escape");
  await dialogOf(page, client.socketId).waitFor({ state: "hidden" });
  await link.first().and(page.locator(":focus")).waitFor();
});

test("a console row opens its connection, which was opened earlier", async () => {
  using client = await connect();
  await client.subscribe("orders");
  const { page, goTo } = await dashboard.open();
  await goTo(`apps/${dashboard.server.app.id}/console`);
  await page.getByText("Live", { exact: true }).waitFor();
  await client.subscribe("invoices");
  await page.getByRole("button", { name: /Subscribed.*invoices/ }).click();
  await page.getByRole("button", { name: "Connection", exact: true }).click();
  const dialog = dialogOf(page, client.socketId);
  await dialog.getByText("orders", { exact: true }).waitFor();
  await dialog.getByText("invoices", { exact: true }).waitFor();
});

test("the overview immediately shows a request of a backend with a wrong secret", async () => {
  const { page, complaints, goTo } = await dashboard.open();
  const { httpUrl, app } = dashboard.server;
  await goTo(`apps/${app.id}/overview`);
  await page
    .getByText(/^No errors$|^Open a group|×$/)
    .first()
    .waitFor();
  const signed = `auth_key=${app.key}&auth_timestamp=${Math.floor(Date.now() / 1000)}&auth_version=1.0`;
  await fetch(`${httpUrl}/apps/${app.id}/channels?${signed}&auth_signature=feed`);
  await page
    .getByText("GET /apps/:appId/channels failed with 401: Invalid signature: the request was not signed")
    .first()
    .waitFor();
  expect(complaints).toEqual([]);
});

test("a failed request for errors shows a message and can be retried", async () => {
  const { page, goTo } = await dashboard.open();
  const path = `**/api/v1/apps/${dashboard.server.app.id}/error-groups`;
  await using _once = await keepFromAskingAgain(page);
  await page.route(path, (route) => route.fulfill({ status: 502, body: "Bad gateway" }));
  await goTo(`apps/${dashboard.server.app.id}/overview`);
  const alert = page.getByRole("alert").filter({ hasText: "The server answered 502" });
  await alert.waitFor();
  await page.unroute(path);
  await alert.getByRole("button", { name: "Try again" }).click();
  await page
    .getByText(/^No errors$|×$/)
    .first()
    .waitFor();
});

for (const colorScheme of ["light", "dark"] as const) {
  for (const width of [375, 1_440]) {
    test(`timelines and errors are accessible and fit: ${colorScheme}, ${width} pixels wide`, async () => {
      const socketId = await comeAndGo();
      const viewport = { width, height: 900 };
      const { page, goTo } = await dashboard.open({ colorScheme, viewport });
      await goTo(`apps/${dashboard.server.app.id}/overview`);
      await groupOf(page)
        .getByText(/See docs\/reference\/errors\.md#/)
        .waitFor();
      await groupOf(page).click();
      await keepPicture(page, `errors-${colorScheme}-${width}`);
      expect(await violationsOf(page)).toEqual([]);
      expect(await overflowOf(page)).toBe(0);
      await page.getByRole("button", { name: `Timeline of connection ${socketId}` }).click();
      await dialogOf(page, socketId).getByText("What to do").waitFor();
      expect(await violationsOf(page)).toEqual([]);
      expect(await overflowOf(page)).toBe(0);
      await keepPicture(page, `connection-${colorScheme}-${width}`);
    });
  }
}
