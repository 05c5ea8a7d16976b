/** Times are relative or clock times, with the exact time on hover. */
import { expect, test } from "bun:test";
import type { Locator } from "playwright-core";
import { RawClient } from "../../server/test/support/net/raw-client.ts";
import { sharedDashboard } from "./test-dashboard.ts";

const dashboard = sharedDashboard();

async function expectExact(time: Locator): Promise<void> {
  const at = (await time.getAttribute("datetime")) ?? "";
  const title = await time.getAttribute("title");
  for (const part of [at.slice(0, 4), at.slice(11, 19)]) expect(title).toContain(part);
}

test("a relative time and a clock time show the exact time on hover", async () => {
  using client = await RawClient.connect(dashboard.server.webSocketUrl());
  const { page, goTo } = await dashboard.open({ locale: "en-GB", timezoneId: "UTC" });
  await goTo(`apps/${dashboard.server.app.id}/connections`);
  const distance = page.getByRole("row").filter({ hasText: client.socketId }).locator("time");
  expect(await distance.textContent()).toMatch(/^just now$| ago$/);
  await expectExact(distance);

  await page.getByRole("button", { name: client.socketId }).click();
  const clock = page.getByRole("dialog").getByRole("listitem").locator("time").first();
  expect(await clock.textContent()).toMatch(/^\d\d:\d\d:\d\d\.\d{3}$/);
  await expectExact(clock);
});
