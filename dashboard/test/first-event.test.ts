/** Runs the programs copied from the guide. The page marks each step as done. */
import { expect, test } from "bun:test";
import type { Locator, Page } from "playwright-core";
import { until } from "../../server/test/support/until.ts";
import { CopiedProgram, copiedFrom } from "./copied-program.ts";
import { sharedDashboard } from "./test-dashboard.ts";

const dashboard = sharedDashboard();

async function copied(page: Page, language: string): Promise<string> {
  await page.getByRole("tab", { name: language, exact: true }).click();
  return copiedFrom(page.getByRole("button", { name: `Copy ${language} example` }));
}

function step(page: Page, title: string): Locator {
  return page
    .getByRole("listitem")
    .filter({ has: page.getByRole("heading", { name: title }) })
    .getByRole("status")
    .first();
}

test("the guide's programs connect a client and send an event, and the page marks each step", async () => {
  const app = await dashboard.server.createApp("Tea house");
  const { page, goTo } = await dashboard.open();
  await goTo(`apps/${app.id}/overview`);
  await page.getByRole("heading", { name: "Your first event" }).waitFor();
  expect(await step(page, "1. Connect a client").innerText()).toBe("Waiting…");

  using client = CopiedProgram.javaScript(await copied(page, "JavaScript"));
  await step(page, "1. Connect a client").getByText("Done").waitFor();
  expect(await step(page, "2. Send an event").innerText()).toBe("Waiting…");
  await until("the client to be subscribed", async () => {
    const { channels } = (await dashboard.server.admin("GET", `/apps/${app.id}/channels`)) as {
      channels: unknown[];
    };
    return channels.length > 0;
  });

  const env = { SOKETIFY_APP_SECRET: app.secret };
  using backend = CopiedProgram.javaScript(await copied(page, "Node"), env);
  expect([await backend.end(), backend.output]).toEqual([0, ""]);
  await step(page, "2. Send an event").getByText("Done").waitFor();
  await step(page, "3. See it arrive").getByText("Done").waitFor();
  await until("the client to show the event", () => client.output.includes("hello"));
});

test("the guide's React program is indented, and the guide leads to the secret", async () => {
  const app = await dashboard.server.createApp("Juice house");
  const { page, goTo } = await dashboard.open();
  await goTo(`apps/${app.id}/overview`);
  expect(await copied(page, "React")).toMatch(/\n {6}wsHost: .*\n {6}httpHost: .*\n {6}enabledTransports: /);
  await page.getByRole("main").getByRole("link", { name: "Settings" }).click();
  await page.getByRole("main").getByText("Secret", { exact: true }).first().waitFor();
});

test("the guide's curl sends an event", async () => {
  const app = await dashboard.server.createApp("Coffee house");
  const { page, goTo } = await dashboard.open();
  await goTo(`apps/${app.id}/overview`);
  const env = { SOKETIFY_TOKEN: dashboard.server.adminToken };
  using curl = CopiedProgram.shell(await copied(page, "curl"), env);
  expect(await curl.end()).toBe(0);
  await step(page, "2. Send an event").getByText("Done").waitFor();
});
