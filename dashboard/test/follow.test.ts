/** Common questions, each with the number of clicks from the list of apps to the answer. */
import { expect, test } from "bun:test";
import type { Locator } from "playwright-core";
import Pusher from "pusher";
import PusherClient from "pusher-js";
import { until } from "../../server/test/support/until.ts";
import { violationsOf } from "./accessibility.ts";
import { testDashboard } from "./test-dashboard.ts";

const dashboard = testDashboard();
/** Less than the ten seconds that the server counts at least. */
const rateSeenWithinMs = 5_000;

function backend(): Pusher {
  const { app, host, port } = dashboard.server;
  return new Pusher({
    appId: app.id,
    key: app.key,
    secret: app.secret,
    host,
    port: String(port),
    useTLS: false,
  });
}

/** A member of presence-lobby and a subscriber of orders. */
async function ada(): Promise<PusherClient> {
  const { app, host, port } = dashboard.server;
  const client = new PusherClient(app.key, {
    wsHost: host,
    wsPort: port,
    forceTLS: false,
    enabledTransports: ["ws"],
    cluster: "",
    channelAuthorization: {
      endpoint: "",
      transport: "ajax",
      customHandler: ({ socketId, channelName }, callback) =>
        callback(null, backend().authorizeChannel(socketId, channelName, { user_id: "ada" })),
    },
  });
  for (const name of ["presence-lobby", "orders"]) {
    const channel = client.subscribe(name);
    await new Promise((resolve) => channel.bind("pusher:subscription_succeeded", resolve));
  }
  return client;
}

async function isOccupied(name: string): Promise<boolean> {
  const { app } = dashboard.server;
  const answer = await dashboard.server.admin("GET", `/apps/${app.id}/channels/${name}`);
  return (answer as { channel: { isOccupied: boolean } }).channel.isOccupied;
}

function clickCounter() {
  let clicks = 0;
  return {
    click: async (what: Locator) => {
      clicks += 1;
      await what.click();
    },
    count: () => clicks,
  };
}

/** Publishes again until the page shows the element: it shows the rates of the last seconds only. */
async function seenWhile(publish: () => Promise<void>, what: Locator): Promise<void> {
  await until("the page to show the rates", async () => {
    await publish();
    return what.waitFor({ timeout: rateSeenWithinMs }).then(
      () => true,
      () => false,
    );
  });
}

test("two clicks show why a user did not receive an event", async () => {
  const client = await ada();
  try {
    const sender = backend();
    await sender.trigger("orders", "order-placed", { order: 1 });
    await sender.trigger("orders", "order-hidden", { order: 2 }, { socket_id: client.connection.socket_id });
    client.unsubscribe("orders");
    const { page, complaints, goTo } = await dashboard.open();
    await until("ada to be out of the channel", async () => !(await isOccupied("orders")));
    await sender.trigger("orders", "order-late", { order: 3 });
    await goTo("apps");
    const { click, count } = clickCounter();
    await click(page.getByRole("button", { name: "Go to…" }));
    await page.getByRole("combobox").fill("ada");
    await click(page.getByRole("option", { name: /^ada/ }));
    await page.getByRole("heading", { name: "User ada" }).waitFor();
    const row = (text: string | RegExp) => page.getByRole("row").filter({ hasText: text });
    await row("order-placed").getByText("Sent", { exact: true }).waitFor();
    await row("order-hidden").getByText("Excluded by the sender").waitFor();
    await row("order-late").getByText("Not subscribed at that time").waitFor();
    await row("order-placed").getByText("pusher-http-node").waitFor();
    await row(client.connection.socket_id).getByText("presence-lobby").first().waitFor();
    expect(count()).toBe(2);
    expect([complaints, await violationsOf(page)]).toEqual([[], []]);
  } finally {
    client.disconnect();
  }
});

test("a presence user without a sign-in is shown with the channel, and found, while connected and after", async () => {
  const { app } = dashboard.server;
  const client = await ada();
  const socketId = client.connection.socket_id;
  try {
    const { page, goTo } = await dashboard.open();
    await goTo(`apps/${app.id}/connections?search=ada`);
    const row = (table: string) =>
      page.getByRole("table", { name: table }).getByRole("row", { name: socketId });
    await row("Open connections").getByText("ada (presence-lobby)").waitFor();
    await row("Open connections").getByRole("button", { name: socketId }).click();
    await page.getByRole("dialog").getByText("ada (presence-lobby)").waitFor();
    client.disconnect();
    await page.getByRole("dialog").getByRole("region", { name: "Why it closed" }).waitFor();
    await page.getByRole("dialog").getByText("ada (presence-lobby)").waitFor();
    await page.keyboard.press("Escape");
    await row("Closed connections").getByText("ada (presence-lobby)").waitFor();
  } finally {
    client.disconnect();
  }
});

test("one click shows all channels and senders with their rates, which can be sorted", async () => {
  const client = await ada();
  try {
    const publisher = backend();
    const publish = async () => {
      for (let order = 0; order < 5; order++) await publisher.trigger("orders", "order-placed", { order });
      for (let look = 0; look < 9; look++) await publisher.trigger("prices", "price-changed", { look });
    };
    const { page, complaints, goTo } = await dashboard.open();
    await goTo("apps");
    const { click, count } = clickCounter();
    await click(page.getByRole("link", { name: /^Messages in the last hour/ }));
    const channels = page.getByRole("table", { name: "Channels" });
    const first = channels.getByRole("row").nth(1);
    await seenWhile(publish, first.getByText("orders"));
    const sender = page
      .getByRole("table", { name: "Senders" })
      .getByRole("row", { name: /pusher-http-node/ });
    await sender.getByText("127.0.0.1").waitFor();
    expect(count()).toBe(1);

    await channels.getByRole("button", { name: "In / s" }).click();
    await seenWhile(publish, first.getByText("prices"));
    await page.waitForURL(/channels=In\+%2F\+s/);
    await page.getByRole("button", { name: "Last hour" }).click();
    await page.waitForURL(/span=hour/);
    await page.reload();
    await first.getByText("prices").waitFor();
    const heading = channels.getByRole("columnheader", { name: "In / s" });
    expect([await heading.getAttribute("aria-sort"), complaints]).toEqual(["descending", []]);
  } finally {
    client.disconnect();
  }
});

test("an app's overview shows its largest channels and senders, with a link to all of them", async () => {
  const client = await ada();
  try {
    const publish = async () => {
      await backend().trigger("prices", "price-changed", { look: 1 });
    };
    const { page, complaints, goTo } = await dashboard.open();
    await goTo(`apps/${dashboard.server.app.id}/overview`);
    const list = (name: string) => page.getByRole("list", { name });
    await seenWhile(publish, list("Channels").getByText("prices"));
    await list("Senders")
      .getByText(/^127\.0\.0\.1 pusher-http-node/)
      .waitFor();
    await page.getByRole("link", { name: "All traffic" }).click();
    await seenWhile(publish, page.getByRole("table", { name: "Channels" }).getByText("prices"));
    expect(complaints).toEqual([]);
  } finally {
    client.disconnect();
  }
});

test("the palette finds an event by a part of its name, and opens the events with this name", async () => {
  await backend().trigger("orders", "order-refunded", { order: 1 });
  await backend().trigger("orders", "order-shipped", { order: 1 });
  const { page, complaints, goTo } = await dashboard.open();
  await goTo(`apps/${dashboard.server.app.id}/overview`);
  await page.getByRole("button", { name: "Go to…" }).click();
  await page.getByRole("combobox").fill("refund");
  await page.getByRole("option", { name: /^order-refunded.*Event/ }).click();
  await page.waitForURL("**/traffic?event=order-refunded");
  const events = page.getByRole("table", { name: "Published events" });
  await events.getByRole("row").filter({ hasText: "order-refunded" }).getByText("pusher-http-node").waitFor();
  expect(await events.getByText("order-shipped").count()).toBe(0);
  expect(complaints).toEqual([]);
});
