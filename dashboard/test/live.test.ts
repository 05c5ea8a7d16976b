/** The live stream in a browser: one per page, none for a hidden page, and lost rows are reported. */
import { expect, test } from "bun:test";
import type { BrowserContext, Page } from "playwright-core";
import { RawClient } from "../../server/test/support/net/raw-client.ts";
import { until } from "../../server/test/support/until.ts";
import { intercept } from "./intercept.ts";
import { publishNumbers } from "./publish-numbers.ts";
import { sharedDashboard } from "./test-dashboard.ts";

const dashboard = sharedDashboard();
const hiddenForLong = "01:00";
/** More than the server stores. */
const tooMany = 2_500;
/** More than the server's queue and the socket buffers can hold for a reader that has stopped reading. */
const floodEvents = 5_000;
const longText = "x".repeat(4_000);

test("the overview, its dialog and the console never open two streams", async () => {
  using client = await RawClient.connect(dashboard.server.webSocketUrl());
  client.send({ event: "client-typing", channel: "orders", data: {} });
  await client.expectError();
  const { page, goTo } = await dashboard.open();
  await using _sources = await page.addInitScript(watchSources);
  await goTo(`apps/${dashboard.server.app.id}/overview`);
  await page.getByRole("button", { name: /Client event rejected/ }).click();
  await page.getByRole("button", { name: `Timeline of connection ${client.socketId}` }).click();
  const dialog = page.getByRole("dialog", { name: `Connection ${client.socketId}` });
  await client.subscribe("orders");
  await dialog.getByText("orders").first().waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("link", { name: "Live console" }).click();
  await live(page);
  await publishNumbers(dashboard.server, "orders", 0, 1);
  await page.getByText("number-0 ").waitFor();
  expect(await page.evaluate("mostSources")).toBe(1);
});

test("seven hidden tabs leave an eighth tab its stream", async () => {
  const { page } = await dashboard.openOwn();
  const context = page.context();
  await context.clock.install();
  for (let tab = 1; tab <= 7; tab++) await hide(await openConsole(context));
  await publishNumbers(dashboard.server, "orders", 0, 1);
  const eighth = await openConsole(context);
  await publishNumbers(dashboard.server, "orders", 1, 1);
  await eighth.getByText("number-1 ").waitFor();
});

test("a tab that becomes visible again has the missed rows, or shows that they were dropped", async () => {
  const { page } = await dashboard.openOwn();
  const context = page.context();
  await context.clock.install();
  const tab = await openConsole(context);
  await hide(tab);
  await publishNumbers(dashboard.server, "orders", 0, 3);
  await show(tab);
  await tab.getByText("number-2 ").waitFor();
  expect(await tab.getByText("number-0 ").count()).toBe(1);
  expect(await tab.getByText("were dropped").count()).toBe(0);

  await hide(tab);
  await publishNumbers(dashboard.server, "orders", 3, tooMany);
  await show(tab);
  await tab.getByText(`number-${tooMany + 2} `).waitFor();
  await tab.getByLabel("Search in the rows").fill("no row has this");
  await tab.getByText(/^[\d,]+ rows were dropped: the page was disconnected for too long$/).waitFor();
});

test("a slow page shows the number of rows that the server dropped, each counted once", async () => {
  const { page } = await dashboard.openOwn();
  const tab = await openConsole(page.context());
  const filtered = tab.waitForResponse((answer) => answer.url().includes("channel=flood"));
  await tab.getByLabel("Channel, or a prefix with *").fill("flood");
  await filtered;
  await publishNumbers(dashboard.server, "flood", 0, 1);
  await tab.getByText("number-0 ").waitFor();
  const rowsBefore = await receivedRowCount(tab);
  await whileStanding(tab, () => publishNumbers(dashboard.server, "flood", 1, floodEvents, longText));
  await tab.getByLabel("Search in the rows").fill("no row has this");
  const gaps = tab.getByText(/^[\d,]+ rows? (was|were) dropped: the page could not keep up$/);
  await gaps.first().waitFor();
  await until("each event to be a row or counted as dropped", async () => {
    const dropped = (await gaps.allTextContents()).map(numberIn);
    const rows = (await receivedRowCount(tab)) - rowsBefore - dropped.length;
    return rows + dropped.reduce((sum, one) => sum + one, 0) === floodEvents;
  });
});

test("a page that becomes visible again waits for no request from before, which may never be answered", async () => {
  using client = await RawClient.connect(dashboard.server.webSocketUrl());
  const { page, goTo } = await dashboard.openOwn();
  await page.clock.install();
  await goTo(`apps/${dashboard.server.app.id}/connections?socket=${client.socketId}`);
  const dialog = page.getByRole("dialog", { name: `Connection ${client.socketId}` });
  await client.subscribe("orders");
  await dialog.getByText("orders").first().waitFor();
  let asked = 0;
  let isAnswered = false;
  await intercept(page, "*/timeline", () => {
    asked += 1;
    return isAnswered ? null : new Promise(() => undefined);
  });
  await client.subscribe("prices");
  await until("the request after the news", () => asked > 0);
  await hide(page);
  isAnswered = true;
  await page.evaluate(setSight, true);
  await dialog.getByText("prices").first().waitFor();
});

async function openConsole(context: BrowserContext): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`${dashboard.server.adminUrl}/dashboard/apps/${dashboard.server.app.id}/console`);
  await live(page);
  return page;
}

function live(page: Page): Promise<void> {
  return page.getByText("Live", { exact: true }).waitFor();
}

/** Hides the page like another tab in front of it, long enough that the page closes its stream. */
async function hide(page: Page): Promise<void> {
  await page.evaluate(setSight, false);
  const given = page.waitForEvent("requestfailed", (request) => request.url().includes("/live"));
  await page.clock.fastForward(hiddenForLong);
  await given;
}

async function show(page: Page): Promise<void> {
  await page.evaluate(setSight, true);
  await live(page);
}

function setSight(isSeen: boolean): void {
  Object.defineProperty(document, "hidden", { configurable: true, get: () => !isSeen });
  document.dispatchEvent(new Event("visibilitychange"));
}

/** Blocks the page until the work is done, so that it does not read its stream. */
async function whileStanding(page: Page, happen: () => Promise<void>): Promise<void> {
  const { promise: happened, resolve } = Promise.withResolvers<void>();
  await page.route("**/stand-still", async (route) => {
    await happened;
    await route.fulfill();
  });
  const begun = page.waitForRequest("**/stand-still");
  const standing = page.evaluate(() => {
    const request = new XMLHttpRequest();
    request.open("GET", "stand-still", false);
    request.send();
  });
  await begun;
  await happen();
  resolve();
  await standing;
}

/** Counts the open sources in the page. */
function watchSources(): void {
  const sources: EventSource[] = [];
  Object.assign(window, { mostSources: 0 });
  const counted = window as unknown as { mostSources: number };
  window.EventSource = class extends EventSource {
    constructor(url: string | URL) {
      super(url);
      sources.push(this);
      const open = sources.filter(({ readyState }) => readyState !== EventSource.CLOSED);
      counted.mostSources = Math.max(counted.mostSources, open.length);
    }
  };
}

/** The number of all received rows, including those in gaps. */
async function receivedRowCount(page: Page): Promise<number> {
  return numberIn((await page.getByText(/^[\d,]+ rows?(;|$)/).textContent()) ?? "");
}

function numberIn(text: string): number {
  return Number(/[\d,]+/.exec(text)?.[0].replaceAll(",", ""));
}
