/** The overview's charts: their drawing, pointer and keyboard use, and their text for screen readers. */
import { expect, test } from "bun:test";
import type { Locator, Page } from "playwright-core";
import { RawClient } from "../../server/test/support/net/raw-client.ts";
import { overflowOf, violationsOf } from "./accessibility.ts";
import { answerStats, type Counted, counts } from "./stats-answers.ts";
import { sharedDashboard } from "./test-dashboard.ts";

const dashboard = sharedDashboard();

interface Scene {
  readonly counted: Counted;
  readonly connectionsMax: number;
}

const wave = (index: number, count: number) => 1 + Math.sin((index / count) * 10);
const scenes: Readonly<Record<string, Scene>> = {
  "one point": {
    counted: (index, count) => (index < count - 1 ? null : counts(12, 34, 1)),
    connectionsMax: 0,
  },
  zeros: { counted: () => counts(0, 0), connectionsMax: 500 },
  gaps: {
    counted: (index, count) => (index % 20 < 7 ? null : counts(40, Math.round(9 * wave(index, count)), 3)),
    connectionsMax: 50,
  },
  "huge numbers": {
    counted: (index, count) =>
      counts(Math.round(6_200 * wave(index, count)), Math.round(5e8 * wave(index, count))),
    connectionsMax: 12_400,
  },
};

async function openScene(
  { counted, connectionsMax }: Scene,
  options: { colorScheme?: "light" | "dark"; viewport?: { width: number; height: number } } = {},
): Promise<Page> {
  const { app } = dashboard.server;
  await dashboard.server.admin("PATCH", `/apps/${app.id}`, { settings: { connectionsMax } });
  const { page, goTo } = await dashboard.open({ ...options, timezoneId: "UTC" });
  await answerStats(page, counted);
  await goTo(`apps/${app.id}/overview`);
  await chart(page, "Errors").getByRole("slider").waitFor();
  return page;
}

function chart(page: Page, title: string): Locator {
  return page.getByRole("figure").filter({ has: page.getByRole("slider", { name: title }) });
}

async function hover(page: Page, title: string, share: number): Promise<void> {
  const box = await chart(page, title).getByRole("slider").boundingBox();
  if (box === null) throw new Error(`The chart of ${title} is not in the page`);
  await page.mouse.move(box.x + box.width * share, box.y + box.height / 2);
}

test("a server that just started draws its running minute, and no line for the time before it", async () => {
  using _client = await RawClient.connect(dashboard.server.webSocketUrl());
  const { page, goTo } = await dashboard.open();
  await goTo(`apps/${dashboard.server.app.id}/overview`);
  await chart(page, "Connections").getByText("Peak 1 · no limit").waitFor();
  await page
    .getByText("Hatched: no data. The server was not running, or the app did not exist yet.")
    .waitFor();
  await hover(page, "Connections", 0.5);
  await chart(page, "Connections")
    .getByText(/^no data · /)
    .waitFor();
  await chart(page, "Connections").locator("circle").first().waitFor();
  // Around the end of the first minute there is a point and no line yet.
  const lengths = await chart(page, "Connections")
    .locator("polyline")
    .evaluateAll((lines) => lines.map((line) => line.getAttribute("points")?.split(" ").length ?? 0));
  expect(Math.max(0, ...lengths)).toBeLessThan(10);
});

test("the error count updates together with the list of errors", async () => {
  using client = await RawClient.connect(dashboard.server.webSocketUrl());
  const { page, goTo } = await dashboard.open();
  // Disables all periodic requests.
  await using _once = await page.addInitScript("window.setInterval = () => 0");
  const feed = page.waitForResponse((answer) => new URL(answer.url()).pathname.endsWith("/live"));
  await goTo(`apps/${dashboard.server.app.id}/overview`);
  // An error before it is open would be in neither the first answer nor the feed.
  await feed;
  const figure = page
    .getByRole("definition")
    .filter({ has: page.locator("xpath=preceding-sibling::dt[text()='Errors, last hour']") });
  const before = Number(await figure.textContent());
  client.send({ event: "client-typing", channel: "orders", data: {} });
  await client.expectError();
  await page.getByRole("button", { name: /Client event rejected/ }).waitFor();
  await figure.getByText(String(before + 1), { exact: true }).waitFor();
});

test("the pointer shows the exact time and value, at the same time in all charts", async () => {
  const page = await openScene({ counted: (index) => counts(index, index * 1_000), connectionsMax: 0 });
  await hover(page, "Messages", 0.999);
  await chart(page, "Messages").getByText("59,000 messages so far · Wed, Mar 4, since 14:25").waitFor();
  await chart(page, "Connections").getByText("59 connections so far · Wed, Mar 4, since 14:25").waitFor();
  await hover(page, "API calls", 0.5);
  const readout = await chart(page, "API calls")
    .getByText(/calls · Wed, Mar 4, /)
    .textContent();
  const [, calls, minute] = /^(\d+),000 calls · Wed, Mar 4, 13:(\d+)–/.exec(readout ?? "") ?? [];
  // The first point, with 0, is that of 13:26.
  expect(Number(calls)).toBe(Number(minute) - 26);
  await chart(page, "Connections").getByText(`${calls} connections · Wed, Mar 4, 13:${minute}`).waitFor();
  await page.mouse.move(0, 0);
  await chart(page, "API calls").getByText("Total 1,770,000 · peak 59,000 per minute").waitFor();
});

test("the arrow keys select points, and a screen reader announces them", async () => {
  const page = await openScene({
    counted: (index) => (index === 57 ? null : counts(index, 0)),
    connectionsMax: 100,
  });
  const slider = page.getByRole("slider", { name: "Connections" });
  const received = () => slider.getAttribute("aria-valuetext");
  await slider.focus();
  expect(await received()).toBe("59 of 100 connections so far · Wed, Mar 4, since 14:25");
  await page.keyboard.press("ArrowLeft");
  expect(await received()).toBe("58 of 100 connections · Wed, Mar 4, 14:24–14:25");
  await chart(page, "Connections").getByText("58 of 100 connections · Wed, Mar 4, 14:24–14:25").waitFor();
  await page.keyboard.press("ArrowLeft");
  expect(await received()).toBe("no data · Wed, Mar 4, 14:23–14:24");
  await page.keyboard.press("Home");
  expect(await received()).toBe("0 of 100 connections · Wed, Mar 4, 13:26–13:27");
});

test("a touch selects a point, which stays selected", async () => {
  const page = await openScene({ counted: (index) => counts(index, 0), connectionsMax: 0 });
  const drawing = chart(page, "Connections").locator("div");
  await drawing.dispatchEvent("pointerdown", { pointerType: "touch", clientX: 10_000 });
  await drawing.dispatchEvent("pointerout", { pointerType: "touch", clientX: 10_000 });
  await chart(page, "Connections").getByText("59 connections so far").waitFor();
});

test("a near limit is a line, a far limit is text, and the peak is shown relative to it", async () => {
  const near = await openScene({ counted: () => counts(420, 0), connectionsMax: 500 });
  await chart(near, "Connections").getByText("Peak 420 of 500 (84 % of the limit)").waitFor();
  await chart(near, "Connections")
    .locator("text", { hasText: /^limit 500$/ })
    .waitFor();
  const far = await openScene({ counted: () => counts(42, 0), connectionsMax: 10_000 });
  await chart(far, "Connections").getByText("Peak 42 of 10,000 (0.4 % of the limit)").waitFor();
  await chart(far, "Connections").locator("text", { hasText: "limit 10,000 ↑" }).waitFor();
});

test("each time span has its own interval", async () => {
  const page = await openScene({ counted: () => counts(1, 2), connectionsMax: 0 });
  for (const [span, words] of [
    ["Day", "Total 48 · peak 2 per hour"],
    ["Week", "Total 336 · peak 2 per hour"],
    ["Hour", "Total 120 · peak 2 per minute"],
  ] as const) {
    await page.getByRole("button", { name: span, exact: true }).click();
    await chart(page, "Messages").getByText(words).waitFor();
  }
});

for (const [name, scene] of Object.entries(scenes)) {
  test(`charts of ${name} are accessible and fit`, async () => {
    for (const [colorScheme, width] of [
      ["light", 1_440],
      ["dark", 375],
    ] as const) {
      const page = await openScene(scene, { colorScheme, viewport: { width, height: 900 } });
      expect({ width, violations: await violationsOf(page) }).toEqual({ width, violations: [] });
      expect({ width, overflow: await overflowOf(page) }).toEqual({ width, overflow: 0 });
    }
  });
}
