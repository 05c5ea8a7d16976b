/** Code copied from the console runs unchanged. */
import { expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { RawClient } from "../../server/test/support/net/raw-client.ts";
import { until } from "../../server/test/support/until.ts";
import { CopiedProgram, copiedFrom } from "./copied-program.ts";
import { sharedDashboard } from "./test-dashboard.ts";

const dashboard = sharedDashboard();
/** Characters that a shell interprets. */
const data = JSON.stringify({ text: `it's $HOME \`date\` \\ "ü" !` });

function publish(name: string, text: string): Promise<unknown> {
  const { server } = dashboard;
  const body = { name, channels: ["orders", "news"], data: text };
  return server.admin("POST", `/apps/${server.app.id}/events`, body);
}

async function openConsole(): Promise<Page> {
  const { page, goTo } = await dashboard.open();
  await goTo(`apps/${dashboard.server.app.id}/console`);
  await page.getByText("Live", { exact: true }).waitFor();
  return page;
}

async function subscriptionsOf(channel: string): Promise<number> {
  const { server } = dashboard;
  const answer = await server.admin("GET", `/apps/${server.app.id}/channels/${channel}`);
  return (answer as { channel: { subscriptionCount: number } }).channel.subscriptionCount;
}

test("an event copied as curl is sent again unchanged, and one copied as pusher-js is received", async () => {
  const { server } = dashboard;
  using client = await RawClient.connect(server.webSocketUrl());
  await client.subscribe("orders");
  const page = await openConsole();
  await publish("order-placed", data);
  expect((await client.expect("order-placed", "orders")).data).toBe(data);
  await page.getByRole("button", { name: /API event.*order-placed/ }).click();

  using listener = CopiedProgram.javaScript(
    await copiedFrom(page.getByRole("button", { name: "Copy as pusher-js" })),
  );
  await until("the copied client to be in both channels", async () => {
    return (await subscriptionsOf("orders")) === 2 && (await subscriptionsOf("news")) === 1;
  });
  using curl = CopiedProgram.shell(await copiedFrom(page.getByRole("button", { name: "Copy as curl" })), {
    SOKETIFY_TOKEN: server.adminToken,
  });
  expect(await curl.end()).toBe(0);
  expect((await client.expect("order-placed", "orders")).data).toBe(data);
  await until("the copied client to show it", () => listener.output.split("it's $HOME").length === 3);
});

test("an event that a backend cannot send unchanged is not offered as curl", async () => {
  const page = await openConsole();
  await publish("long-story", JSON.stringify("x".repeat(5_000)));
  await page.getByRole("button", { name: /API event.*long-story/ }).click();
  await page.getByRole("button", { name: "Copy as pusher-js" }).waitFor();
  expect(await page.getByRole("button", { name: "Copy as curl" }).count()).toBe(0);
});
