/** What the film of the README shows, walked through as a person does. */
import { expect, test } from "bun:test";
import { Film } from "./film.ts";
import { answerStats, busyHour } from "./stats-answers.ts";
import { testDashboard } from "./test-dashboard.ts";
import { testTraffic } from "./traffic.ts";

const dashboard = testDashboard({ SOKETIFY_WEBHOOK_ALLOW: "127.0.0.0/8" });
const traffic = testTraffic(dashboard);

test("from the list of apps to live events, and to the events that one user received", async () => {
  const viewport = { width: 1_200, height: 720 };
  const { page, complaints, goTo } = await dashboard.open({ colorScheme: "light", viewport });
  await answerStats(page, busyHour);
  const film = new Film(page);
  await goTo("apps");
  const app = page.getByRole("table", { name: "Apps" }).getByRole("link", { name: "Shop, production" });
  await app.waitFor();
  await film.show(1.4);
  await film.click(app);
  await page.getByText("Connections now").waitFor();
  await film.show(1.8);

  await film.click(page.getByRole("link", { name: "Live console" }));
  await page.getByText("Live", { exact: true }).waitFor();
  await film.show(0.6);
  const row = (order: number) => page.getByRole("button", { name: `"order":${order},` });
  let order = 0;
  for (let round = 0; round < 4; round++) {
    order = await traffic.stir();
    await row(order).waitFor();
    await film.show(0.5);
  }
  await film.click(row(order));
  await page.getByRole("region", { name: "Row details" }).waitFor();
  await film.show(1.8);

  await page.keyboard.press("Control+k");
  const search = page.getByRole("dialog", { name: "Go to" }).getByRole("combobox");
  await film.show(0.5);
  for (const typed of ["a", "ad", "ada"]) {
    await search.fill(typed);
    await film.show(0.25);
  }
  await page.getByRole("option", { name: /^ada in/ }).waitFor();
  await film.show(0.5);
  await film.click(page.getByRole("option", { name: /^ada in/ }));
  await page.getByRole("heading", { name: "User ada" }).waitFor();
  await page.getByText("Sent", { exact: true }).first().waitFor();
  await film.show(3);
  film.store("film.webp");
  expect(complaints).toEqual([]);
});
