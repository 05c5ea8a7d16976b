/** The live console under load, with filters, and across a restart of the server. */
import { expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { publishNumbers } from "./publish-numbers.ts";
import { sharedDashboard } from "./test-dashboard.ts";

const dashboard = sharedDashboard();
const rowsKeptMax = 5_000;

test("with thousands of rows few are in the DOM, the newest is visible, and the dropped ones are counted", async () => {
  const page = await openConsole();
  const total = rowsKeptMax + 1_500;
  await publish("flood", 0, total);
  await page.getByText(`number-${total - 1} `).waitFor();
  expect(await page.getByRole("group", { name: "Rows" }).getByRole("button").count()).toBeLessThan(100);
  const reported = await page.getByText(/the oldest [\d,]+ were dropped$/).textContent();
  const [rows = 0, dropped = 0] = [...(reported ?? "").matchAll(/[\d,]+/g)].map(([digits]) =>
    Number(digits.replace(/,/g, "")),
  );
  expect(rows).toBeGreaterThanOrEqual(total);
  expect(rows - dropped).toBe(rowsKeptMax);
});

test("with many new rows the list renders at most once per frame, always up to the newest", async () => {
  const page = await openConsole();
  await publish("flood", 0, 100);
  await page.getByText("number-99 ").waitFor();
  await page.evaluate(watchDraws);
  await publish("flood", 100, 1_000);
  await page.getByText("number-1099 ").waitFor();
  const { frames, draws, missing } = await page.evaluate<DrawsSeen>("drawsSeen");
  expect(draws).toBeGreaterThan(0);
  expect(draws).toBeLessThanOrEqual(frames + 1);
  expect(missing).toBe(0);
});

test("a row contains only the visible part of a long payload, and its details contain all of it", async () => {
  const page = await openConsole();
  const text = "long ".repeat(800);
  await publishNumbers(dashboard.server, "long-story", 0, 1, text);
  const row = page.getByRole("button", { name: /API event.*number-0 / });
  await row.click();
  expect((await row.textContent())?.length).toBeLessThan(1_000);
  expect(await page.getByRole("region", { name: "Row details" }).textContent()).toContain(text.trim());
});

test("a pause keeps the shown rows and counts the new ones", async () => {
  const page = await openConsole();
  await publish("before", 0, 3);
  await page.getByText("number-2 ").waitFor();
  await page.getByLabel("Type").selectOption("event_published");
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByRole("status").getByText("Paused", { exact: true }).waitFor();
  await publish("after", 3, 40);
  await page.getByRole("button", { name: "40 newer" }).waitFor();
  expect(await page.getByText("number-42 ").count()).toBe(0);
  await page.getByRole("button", { name: "40 newer" }).click();
  await page.getByText("number-42 ").waitFor();
});

test("a new filter keeps matching rows, adds earlier matching ones, and loses none", async () => {
  const page = await openConsole();
  await publish("room-a", 0, 3);
  await publish("room-b", 3, 3);
  await page.getByText("number-5 ").waitFor();
  const channel = page.getByLabel("Channel, or a prefix with *");
  await channel.fill("room-a");
  await page.getByText("number-5 ").waitFor({ state: "detached" });
  expect(await numbersIn(page)).toEqual([0, 1, 2]);
  await publish("room-b", 6, 2);
  await publish("room-a", 8, 1);
  await page.getByText("number-8 ").waitFor();
  await channel.fill("room-*");
  await page.getByText("number-7 ").waitFor();
  expect(await numbersIn(page)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
});

test("rows can be searched, opened and closed with the keyboard", async () => {
  const page = await openConsole();
  await publish("room-a", 0, 5);
  await page.getByText("number-4 ").waitFor();
  await page.getByLabel("Search in the rows").fill("number-");
  await page.getByRole("group", { name: "Rows" }).focus();
  await page.keyboard.press("Tab");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Enter");
  const detail = page.getByRole("region", { name: "Row details" });
  await detail.getByText("number-3").waitFor();
  await page.keyboard.press("Enter");
  await detail.waitFor({ state: "detached" });
});

test("the console reconnects after a server restart and shows its state", async () => {
  const { server } = dashboard;
  const page = await openConsole();
  await publish("room-a", 0, 1);
  await page.getByText("number-0 ").waitFor();
  await server.stop();
  await page.getByText(/The server is restarting|Server unreachable/).waitFor();
  await server.start();
  await page.getByText("Live", { exact: true }).waitFor();
  await publish("room-a", 1, 1);
  await page.getByText("number-1 ").waitFor();
  expect(await page.getByText("number-0 ").count()).toBe(1);
});

async function openConsole(): Promise<Page> {
  const { page, goTo } = await dashboard.open();
  await goTo(`apps/${dashboard.server.app.id}/console`);
  await page.getByText("Live", { exact: true }).waitFor();
  return page;
}

function publish(channel: string, first: number, count: number): Promise<void> {
  return publishNumbers(dashboard.server, channel, first, count);
}

async function numbersIn(page: Page): Promise<number[]> {
  const texts = await page.getByRole("group", { name: "Rows" }).getByRole("button").allTextContents();
  return texts.flatMap((text) => /number-(\d+) /.exec(text)?.[1] ?? []).map(Number);
}

interface DrawsSeen {
  frames: number;
  draws: number;
  /** The number of newest rows missing in a render, summed over all renders. */
  missing: number;
}

function watchDraws(): void {
  const drawsSeen: DrawsSeen = { frames: 0, draws: 0, missing: 0 };
  Object.assign(window, { drawsSeen });
  const countFrame = () => {
    drawsSeen.frames += 1;
    requestAnimationFrame(countFrame);
  };
  requestAnimationFrame(countFrame);
  const list = document.querySelector<HTMLElement>('[aria-label="Rows"] > div');
  const inPage = list?.querySelector<HTMLElement>("div");
  if (!list || !inPage) throw new Error("There are no rows");
  new MutationObserver(() => {
    drawsSeen.draws += 1;
    const left = list.getBoundingClientRect().bottom - inPage.getBoundingClientRect().bottom;
    const rowHeight = inPage.firstElementChild?.getBoundingClientRect().height ?? 1;
    drawsSeen.missing += Math.round(left / rowHeight);
  }).observe(list, { childList: true, subtree: true });
}
