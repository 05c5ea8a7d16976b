/** Manages webhooks in the page, with a receiver that verifies requests. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import type { Page } from "playwright-core";
import PusherClient from "pusher-js";
import type { Credentials } from "../../server/test/support/start-server.ts";
import { until } from "../../server/test/support/until.ts";
import { startWebhookReceiver, type WebhookReceiver } from "../../server/test/support/webhook-receiver.ts";
import { intercept } from "./intercept.ts";
import { testDashboard } from "./test-dashboard.ts";

const dashboard = testDashboard({
  SOKETIFY_WEBHOOK_ALLOW: "127.0.0.0/8",
  SOKETIFY_WEBHOOK_RETRY_WINDOW_MS: "1000",
});
/** A new one for each test. */
let app: Credentials;
let receiver: WebhookReceiver;
let client: PusherClient;
/** The status of the receiver's answers. */
let status = 200;

beforeEach(async () => {
  status = 200;
  const { server } = dashboard;
  app = await dashboard.server.createApp();
  receiver = startWebhookReceiver({
    ...app,
    answer: () => new Response(status < 300 ? "thanks" : "the shop is closed", { status }),
  });
  client = new PusherClient(app.key, {
    wsHost: server.host,
    wsPort: server.port,
    forceTLS: false,
    enabledTransports: ["ws"],
    cluster: "",
  });
});
afterEach(async () => {
  client.disconnect();
  await receiver.stop();
});

/** Opens the app's page of webhooks, with a new one for this receiver. */
async function openWithWebhook(): Promise<Page> {
  const { page, goTo } = await dashboard.open();
  await goTo(`apps/${app.id}/webhooks`);
  await page.getByRole("button", { name: "New webhook" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("URL").fill(receiver.url);
  await dialog.getByLabel("channel_vacated").uncheck();
  await dialog.getByLabel("Send several events in one request").uncheck();
  await dialog.getByRole("button", { name: "Create the webhook" }).click();
  await page.getByRole("heading", { name: receiver.url }).waitFor();
  return page;
}

test("a webhook is created, delivers, fails, recovers and is replayed", async () => {
  const page = await openWithWebhook();
  await page.getByText("No deliveries yet", { exact: true }).waitFor();

  client.subscribe("orders");
  await page.getByText("Healthy", { exact: true }).waitFor();
  await page.getByRole("button", { name: /^Delivered channel_occupied orders/ }).click();
  await page.getByText("200 in ").first().waitFor();
  expect(receiver.accepted).toMatchObject([{ isPusherValid: true, isStandardValid: true }]);

  status = 500;
  const channels = ["a", "b", "c", "d", "e"].map((name) => `room-${name}`);
  for (const channel of channels) client.subscribe(channel);
  await page.getByText("Paused", { exact: true }).waitFor();
  await page.getByText("so Soketify sends only occasional test requests").waitFor();
  await page.getByText("5 events failed").waitFor();
  await page.getByRole("button", { name: "Failed", exact: true }).click();
  await page.waitForURL(/deliveries-\w+=dead/);
  const tried = page
    .getByRole("button", { name: /^Failed channel_occupied room-. attempt \d+ · 500 in / })
    .first();
  const [room = ""] = /room-./.exec((await tried.textContent()) ?? "") ?? [];
  const failed = page.getByRole("button", { name: `Failed channel_occupied ${room}` });
  await failed.click();
  await page.getByText(new RegExp(`^POST .*webhook-id: .*"${room}"`, "s")).waitFor();
  await page.getByText(/^500 in \d+ ms\s+the shop is closed/).waitFor();

  status = 200;
  await page.getByRole("button", { name: `Send again: channel_occupied ${room}` }).click();
  await page.getByText("Healthy", { exact: true }).waitFor();
  await failed.waitFor({ state: "detached" });
  await page.getByText("4 events failed").waitFor();
  const events = await receiver.eventCount(2);
  expect(events.map(({ channel }) => channel)).toEqual(["orders", room]);

  await page.getByRole("button", { name: "Send all 4 failed again" }).click();
  await page.getByText("4 deliveries are sent again.").waitFor();
  const all = await receiver.eventCount(6);
  expect(all.map(({ channel }) => channel).sort()).toEqual(["orders", ...channels]);
});

test("a test shows the receiver's response immediately", async () => {
  const page = await openWithWebhook();
  const button = page.getByRole("button", { name: `Test ${receiver.url}` });
  await button.click();
  await page.getByText("Test delivered: 200").waitFor();
  status = 503;
  await button.click();
  await page.getByText("Test failed: 503").waitFor();
  await page.getByText("the shop is closed").waitFor();
});

test("a 410 response disables the webhook, and the page says why and what to do", async () => {
  const page = await openWithWebhook();
  status = 410;
  client.subscribe("orders");
  await page.getByText("Disabled", { exact: true }).waitFor();
  await page.getByText("The receiver answered 410 Gone, so this webhook was disabled").waitFor();
  status = 200;
  await page.getByRole("button", { name: `Enable ${receiver.url}` }).click();
  await page.getByRole("button", { name: `Disable ${receiver.url}` }).waitFor();
  await page.getByRole("button", { name: "Send again: channel_occupied orders" }).click();
  await receiver.eventCount(1);
  await page.getByText("Healthy", { exact: true }).waitFor();
});

test("a webhook can be edited, and its headers are kept until they are replaced", async () => {
  const page = await openWithWebhook();
  const dialog = page.getByRole("dialog");
  const edit = async (fill: () => Promise<void>) => {
    await page.getByRole("button", { name: `Edit ${receiver.url}` }).click();
    await fill();
    await dialog.getByRole("button", { name: "Save" }).click();
  };
  const saved = () => dialog.waitFor({ state: "detached" });

  await edit(async () => {
    await dialog.getByLabel("start with").fill("vip- room-");
    await dialog.getByLabel("Headers").fill("X-Team: tea\nX-Place:eu");
    await dialog.getByLabel("Send several events in one request").check();
    await dialog.getByLabel("cache_miss").check();
  });
  await saved();
  for (const words of ["vip-*", "room-*", "X-Team", "X-Place", "cache_miss", "Batched"])
    await page.getByText(words, { exact: true }).waitFor();
  for (const channel of ["orders", "vip-1"]) client.subscribe(channel);
  const [event] = await receiver.eventCount(1);
  expect(event).toMatchObject({ channel: "vip-1" });
  expect(receiver.requests[0]?.headers).toMatchObject({ "x-team": "tea", "x-place": "eu" });

  await edit(() => dialog.getByLabel("match").fill("*-*"));
  await saved();
  await page.getByText("*-*", { exact: true }).waitFor();
  client.subscribe("vip-2");
  await receiver.eventCount(2);
  expect(receiver.requests[1]?.headers).toMatchObject({ "x-team": "tea", "x-place": "eu" });

  await edit(async () => {
    await dialog.getByRole("button", { name: "Replace the headers" }).click();
    await dialog.getByLabel("Headers").fill("no colon");
  });
  await dialog.getByText('The header "no colon" must be a name, a colon and a value').waitFor();
  await dialog.getByLabel("Headers").fill("");
  await dialog.getByRole("button", { name: "Save" }).click();
  await saved();
  await page.getByText("None", { exact: true }).waitFor();
});

test("a webhook is disabled, and deleted only after a confirmation", async () => {
  const page = await openWithWebhook();
  await page.getByRole("button", { name: `Disable ${receiver.url}` }).click();
  await page.getByText("Disabled", { exact: true }).waitFor();
  const remove = page.getByRole("button", { name: `Delete ${receiver.url}` });
  await remove.focus();
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Cancel" }).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await remove.and(page.locator(":focus")).waitFor();
  await remove.click();
  await page.getByRole("button", { name: "Delete permanently" }).click();
  await page.getByText("There are no webhooks yet").waitFor();
  await until("nothing to be left on the server", async () => {
    const answer = await dashboard.server.admin("GET", `/apps/${app.id}/webhooks`);
    return (answer as { readonly webhooks: readonly unknown[] }).webhooks.length === 0;
  });
});

test("a delivery whose next attempt waits longer than planned is due, not in the past", async () => {
  const page = await openWithWebhook();
  const at = (beforeMs: number) => new Date(Date.now() - beforeMs).toISOString();
  const deliveries = [
    {
      id: "d1",
      requestId: "r1",
      event: { name: "channel_occupied", channel: "room" },
      state: "pending",
      attempts: 1,
      createdAt: at(60_000),
      nextAttemptAt: at(20_000),
      lastAttempt: { at: at(50_000), status: null, durationMs: 4, answer: "connect ECONNREFUSED" },
    },
  ];
  await intercept(page, "*/deliveries*", () => ({
    status: 200,
    contentType: "application/json",
    body: JSON.stringify({ deliveries, nextCursor: null }),
  }));
  await page.reload();
  const row = page.getByRole("button", { name: /Retrying.*channel_occupied/ });
  await row
    .getByText(/attempt 1 · No response in 4 ms · next attempt due · [1-9] min( \d+ s)? ago/)
    .waitFor();
});
