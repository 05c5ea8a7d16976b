import { expect, test } from "bun:test";
import { hostname } from "node:os";
import Pusher from "pusher";
import PusherClient, { type PresenceChannel } from "pusher-js";
import { FallbackClient } from "../../server/test/support/fallback-client.ts";
import { overflowOf } from "./accessibility.ts";
import { copiedFrom } from "./copied-program.ts";
import { connectPlayground } from "./live-parts.ts";
import { owner, testDashboard } from "./test-dashboard.ts";

const dashboard = testDashboard({ SOKETIFY_SECRET_USE_GUARD_MS: "0" });

function backend(secret: string): Pusher {
  const { app, host, port } = dashboard.server;
  return new Pusher({ appId: app.id, key: app.key, secret, host, port: String(port), useTLS: false });
}

/** A client that its own backend authorizes as ada. */
function stockClient(): PusherClient {
  const { app, host, port } = dashboard.server;
  const ada = { user_id: "ada", user_info: { name: "Ada Lovelace" } };
  return new PusherClient(app.key, {
    wsHost: host,
    wsPort: port,
    forceTLS: false,
    enabledTransports: ["ws"],
    cluster: "",
    channelAuthorization: {
      endpoint: "",
      transport: "ajax",
      customHandler: ({ socketId, channelName }, callback) => {
        const member = channelName.startsWith("presence-") ? ada : undefined;
        callback(null, backend(app.secret).authorizeChannel(socketId, channelName, member));
      },
    },
  });
}

test("an app is created and found by its name", async () => {
  const { page, goTo } = await dashboard.open();
  await goTo("apps");
  await page.getByRole("button", { name: "New app" }).click();
  await page.getByRole("textbox", { name: "Name" }).fill("Tea house");
  await page.getByRole("button", { name: "Create app" }).click();
  await page.getByRole("heading", { name: "Tea house" }).waitFor();
  await page.getByRole("heading", { name: "Your first event" }).waitFor();

  await page.getByRole("link", { name: "Apps" }).click();
  await page.getByRole("searchbox").fill("tea");
  await page.getByRole("link", { name: "Tea house" }).waitFor();
});

test("credentials are copied, and the secret is masked until it is revealed", async () => {
  const { server } = dashboard;
  const { page, goTo } = await dashboard.open();
  await goTo(`apps/${server.app.id}/settings`);
  const copied = (name: string) => copiedFrom(page.getByRole("button", { name, exact: true }));
  expect(await copied("Copy the app ID")).toBe(server.app.id);
  expect(await copied("Copy the key")).toBe(server.app.key);
  expect(await page.getByText(server.app.secret).count()).toBe(0);
  await page.getByRole("button", { name: "Reveal the secret" }).click();
  await page.getByText(server.app.secret).waitFor();
});

test("a stock client appears in the console and receives events of the event creator", async () => {
  const { server } = dashboard;
  const { page, goTo } = await dashboard.open();
  await goTo(`apps/${server.app.id}/console`);
  await page.getByText("Live", { exact: true }).waitFor();
  const client = stockClient();
  const received = new Promise((resolve) => client.subscribe("orders").bind("order-placed", resolve));
  await page.getByRole("button", { name: /Subscribed.*orders/ }).waitFor();

  await page.getByRole("link", { name: "Event creator" }).click();
  await page.getByLabel("Channels").fill("orders");
  await page.getByLabel("Event", { exact: true }).fill("order-placed");
  await page.getByLabel("Data").fill('{"order":7}');
  await page.getByRole("button", { name: "Send event" }).click();
  expect(await received).toEqual({ order: 7 });
  await page.getByText("Delivered to 1", { exact: false }).waitFor();
  await page.getByLabel("Channels").fill("nobody-is-here");
  await page.getByRole("button", { name: "Send event" }).click();
  await page.getByText("Delivered to 0: nobody was subscribed").waitFor();
  await page.getByRole("link", { name: "Live console" }).click();
  await page.getByText("Live", { exact: true }).waitFor();
  for (const [channel, count] of [
    ["orders", 1],
    ["nobody-is-here", 0],
  ] as const) {
    await backend(server.app.secret).trigger(channel, "order-seen", {});
    await page
      .getByRole("button", {
        name: new RegExp(
          `order-seen.*${channel}.*delivered to ${count}|${channel}.*order-seen.*delivered to ${count}`,
        ),
      })
      .waitFor();
  }

  await page.getByRole("link", { name: "Channels" }).click();
  await page.getByRole("button", { name: "orders" }).click();
  await page.getByRole("heading", { name: "Subscribers (1)" }).waitFor();
  client.disconnect();
});

test("the playground's client subscribes to every kind of channel, and client events work both ways", async () => {
  const { server } = dashboard;
  const { page, complaints, goTo } = await dashboard.open();
  await goTo(`apps/${server.app.id}/playground`);
  await connectPlayground(page);
  const frame = (event: string, channel: string) =>
    page.getByText(`{"event":"${event}","channel":"${channel}"`);
  for (const channel of ["orders", "presence-lobby", "private-cart-7"]) {
    await page.getByLabel("Channel").first().fill(channel);
    await page.getByRole("button", { name: "Subscribe" }).click();
    await frame("pusher_internal:subscription_succeeded", channel).waitFor();
  }

  const client = stockClient();
  const cart = client.subscribe("private-cart-7");
  const received = new Promise((resolve) => cart.bind("client-hello", resolve));
  await new Promise((resolve) => cart.bind("pusher:subscription_succeeded", resolve));
  await page.getByLabel("Channel").last().fill("private-cart-7");
  await page.getByRole("button", { name: "Send client event" }).click();
  expect(await received).toEqual({ message: "hello" });
  cart.trigger("client-answer", { message: "good day" });
  await frame("client-answer", "private-cart-7").waitFor();
  const data = '{"order":1234567890123456789,"price":1.50}';
  await server.admin("POST", `/apps/${server.app.id}/events`, { name: "paid", channels: ["orders"], data });
  await page.getByText(JSON.stringify({ event: "paid", channel: "orders", data })).waitFor();
  client.disconnect();
  expect(complaints).toEqual([]);
});

test("the playground tells the other members that it is the playground, and nothing about its person", async () => {
  const { server } = dashboard;
  const frames: string[] = [];
  const joined = async () => {
    const client = stockClient();
    client.connection.bind("message", (frame: object) => frames.push(JSON.stringify(frame)));
    const lobby = client.subscribe("presence-lobby");
    await new Promise((resolve) => lobby.bind("pusher:subscription_succeeded", resolve));
    return { client, lobby };
  };
  const before = await joined();
  const added = new Promise((resolve) => before.lobby.bind("pusher:member_added", resolve));
  const { page, goTo } = await dashboard.open();
  await goTo(`apps/${server.app.id}/playground`);
  await connectPlayground(page);
  await page.getByRole("button", { name: "Subscribe" }).click();
  const playground = { id: "soketify-playground", info: { name: "Playground" } };
  expect(await added).toEqual(playground);
  const after = await joined();
  expect((after.lobby as PresenceChannel).members.get(playground.id)).toEqual(playground);
  const received = new Promise((resolve) =>
    before.lobby.bind("client-hello", (_: unknown, sender: object) => resolve(sender)),
  );
  await page.getByRole("button", { name: "Send client event" }).click();
  expect(await received).toEqual({ user_id: playground.id });
  expect(frames.length).toBeGreaterThanOrEqual(4);
  expect(frames.join("\n")).not.toContain(owner.email);
  for (const { client } of [before, after]) client.disconnect();
});

test("the Channels page shows presence members as they join and leave", async () => {
  const { server } = dashboard;
  const { page, goTo } = await dashboard.open();
  const client = stockClient();
  const lobby = client.subscribe("presence-lobby");
  await new Promise((resolve) => lobby.bind("pusher:subscription_succeeded", resolve));
  await goTo(`apps/${server.app.id}/channels`);
  await page.getByRole("button", { name: "presence-lobby" }).click();
  await page.getByRole("heading", { name: "Members (1)" }).waitFor();
  await page.getByText("Ada Lovelace").first().waitFor();
  await backend(server.app.secret).trigger("presence-lobby", "long", "x".repeat(1_000));
  await page.getByText(/^long/).waitFor();
  expect(await overflowOf(page)).toBe(0);
  client.disconnect();
  await page.getByText("No subscribers left").waitFor();
});

test("a secret is rotated with two active backends and no rejected event", async () => {
  const { server } = dashboard;
  const { page, goTo } = await dashboard.open();
  await goTo(`apps/${server.app.id}/settings`);
  const oldBackend = backend(server.app.secret);
  await oldBackend.trigger("orders", "order-placed", { order: 1 });
  const reveal = page.getByRole("button", { name: "Reveal the secret" });
  await reveal.click();
  await page.getByText(server.app.secret).waitFor();

  await page.getByRole("button", { name: "Rotate the secret" }).click();
  await page.getByRole("button", { name: "Copy the new .env lines" }).click();
  await page.getByText("Copied", { exact: true }).waitFor({ state: "attached" });
  const lines = await page.evaluate(() => navigator.clipboard.readText());
  const newSecret = /^SOKETIFY_APP_SECRET=(\S+)$/m.exec(lines)?.[1] ?? "";
  expect(newSecret).not.toBe("");
  expect(newSecret).not.toBe(server.app.secret);
  await page.getByText("deploy it first").waitFor();

  const newBackend = backend(newSecret);
  expect((await oldBackend.trigger("orders", "order-placed", { order: 2 })).status).toBe(200);
  expect((await newBackend.trigger("orders", "order-placed", { order: 3 })).status).toBe(200);
  await page.getByRole("button", { name: "Activate", exact: true }).click();
  await page.getByRole("button", { name: "Rotate the secret" }).waitFor();
  await page.getByText(server.app.secret).waitFor({ state: "detached" });
  await reveal.click();
  await page.getByText(newSecret).waitFor();
  expect((await newBackend.trigger("orders", "order-placed", { order: 4 })).status).toBe(200);
  await expect(oldBackend.trigger("orders", "order-placed", { order: 5 })).rejects.toThrow();
});

test("Undo restores the text of a list of settings", async () => {
  const { server } = dashboard;
  const { page, goTo } = await dashboard.open();
  await goTo(`apps/${server.app.id}/settings`);
  const form = page.locator("form", { has: page.getByRole("button", { name: "Save changes" }) });
  const origins = form.getByLabel("Allowed origins");
  await origins.fill("");
  await origins.pressSequentially("https://a.example\nhttps://b.example\n");
  expect(await origins.inputValue()).toBe("https://a.example\nhttps://b.example\n");
  await form.getByRole("button", { name: "Undo" }).click();
  expect(await origins.inputValue()).toBe("");
});

test("the Health page shows each node's host name and id", async () => {
  const { page, goTo } = await dashboard.open();
  const { nodes } = (await dashboard.server.admin("GET", "/nodes")) as {
    readonly nodes: readonly { readonly id: string }[];
  };
  await goTo("nodes");
  await page.getByRole("heading", { level: 2, name: hostname() }).waitFor();
  await page.getByText(nodes[0]?.id ?? "").waitFor();
});

test("a client without WebSocket is listed with its transport, and counted on the Nodes page", async () => {
  const { server } = dashboard;
  using client = await FallbackClient.connect(server.webSocketUrl(), "xhr_polling");
  const { page, goTo } = await dashboard.open();
  await goTo(`apps/${server.app.id}/connections`);
  const row = page.getByRole("table", { name: "Open connections" }).getByRole("row");
  await row.filter({ hasText: client.socketId }).filter({ hasText: "XHR polling" }).waitFor();
  await goTo("nodes");
  await page.getByText("1 XHR polling").waitFor();
});
