/** The history of a channel: opened from the channel and from the palette, read to its end, and sent again. */
import { beforeAll, expect, test } from "bun:test";
import { RawClient } from "../../server/test/support/net/raw-client.ts";
import { overflowOf, violationsOf } from "./accessibility.ts";
import { selected } from "./live-parts.ts";
import { keepPicture } from "./pictures.ts";
import { sharedDashboard } from "./test-dashboard.ts";

const dashboard = sharedDashboard();
const eventCount = 60;

function publish(channel: string, data: object): Promise<unknown> {
  const { server } = dashboard;
  const body = { name: "order-placed", channels: [channel], data: JSON.stringify(data) };
  return server.admin("POST", `/apps/${server.app.id}/events`, body);
}

beforeAll(async () => {
  const { server } = dashboard;
  const channelRules = [{ pattern: "orders-*", historyEventsMax: 500 }];
  await server.admin("PATCH", `/apps/${server.app.id}`, { settings: { channelRules } });
  for (let order = 1; order <= eventCount; order++) await publish("orders-7", { order });
  await publish("orders-9", { tea: 1, cups: ["green", "white"] });
});

test("the page of a channel links to its history, which can be read to its end in both orders", async () => {
  using client = await RawClient.connect(dashboard.server.webSocketUrl());
  await client.subscribe("orders-7");
  const { page, complaints, goTo } = await dashboard.open();
  await goTo(`apps/${dashboard.server.app.id}/channels`);
  await page.getByRole("button", { name: "orders-7" }).click();
  await page.getByRole("link", { name: "History", exact: true }).click();
  await page.getByText("50 events, older ones available").waitFor();
  const events = page.getByRole("list", { name: "Events" }).getByRole("listitem");
  expect(await events.first().innerText()).toContain('{"order":60}');
  await page.getByRole("button", { name: "Load more" }).click();
  await page.getByText("60 events", { exact: true }).waitFor();
  expect(await events.last().innerText()).toContain('{"order":1}');
  await page.getByLabel("Order").selectOption("forwards");
  await page.getByText("50 events, newer ones available").waitFor();
  expect(await events.first().innerText()).toContain('{"order":1}');
  expect(complaints).toEqual([]);
});

test("the palette opens the page, and an event can be sent again", async () => {
  await publish("orders-8", { tea: 2 });
  const { page, goTo } = await dashboard.open();
  await goTo(`apps/${dashboard.server.app.id}/overview`);
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: "Search pages" }).fill("history");
  await selected(page.getByRole("option", { name: "Channel history" }));
  await page.keyboard.press("Enter");
  await page.getByLabel("Channel", { exact: true }).fill("orders-8");
  await page.getByRole("button", { name: "Show" }).click();
  using client = await RawClient.connect(dashboard.server.webSocketUrl());
  await client.subscribe("orders-8");
  await page.getByRole("button", { name: "Send again" }).click();
  const event = await client.next();
  expect(event).toMatchObject({ event: "order-placed", channel: "orders-8", data: '{"tea":2}', offset: 2 });
  await page.getByRole("listitem", { name: "Event 2" }).waitFor();
});

test("only the events of the selected time are shown, also for another channel, and where the storage begins", async () => {
  const { server } = dashboard;
  const path = `/apps/${server.app.id}/channels/orders-7/history?direction=forwards&limit=3`;
  const { events } = (await server.admin("GET", path)) as { readonly events: readonly { at: string }[] };
  const { page, complaints, goTo } = await dashboard.open();
  await goTo(
    `apps/${server.app.id}/history?channel=orders-7&from=2026-01-02T03:00:00.000Z&to=${events.at(-1)?.at}`,
  );
  await page.getByText(/^The stored events begin at .* Earlier ones are no longer stored/).waitFor();
  await page.getByText(/^\d events$/).waitFor();
  await page.getByRole("listitem", { name: "Event 1", exact: true }).waitFor();
  expect(await page.getByRole("listitem", { name: "Event 60" }).count()).toBe(0);
  await goTo(
    `apps/${server.app.id}/history?channel=orders-7&from=2026-01-02T03:00:00Z&to=2026-01-02T04:00:00Z`,
  );
  await page.getByText("No stored events of this time").waitFor();
  await page.getByLabel("Channel", { exact: true }).fill("orders-9");
  await page.getByRole("button", { name: "Show" }).click();
  await page.waitForURL(/from=2026-01-02/);
  await page.getByText("No stored events of this time").waitFor();
  await page.getByRole("button", { name: "Hour", exact: true }).click();
  await page.getByRole("listitem", { name: "Event 1", exact: true }).waitFor();
  expect(complaints).toEqual([]);
});

test("a channel without history shows why it may have none", async () => {
  const { page, goTo } = await dashboard.open();
  await goTo(`apps/${dashboard.server.app.id}/history?channel=chat`);
  await page.getByText("No stored events").waitFor();
});

test.each([
  ["light", 390],
  ["dark", 1_440],
] as const)("the history is accessible and fits: %s, %i pixels wide", async (colorScheme, width) => {
  const { page, goTo } = await dashboard.open({ colorScheme, viewport: { width, height: 900 } });
  await goTo(`apps/${dashboard.server.app.id}/history?channel=orders-9`);
  await page.getByRole("listitem", { name: "Event 1" }).waitFor();
  expect(await violationsOf(page)).toEqual([]);
  expect(await overflowOf(page)).toBe(0);
  await keepPicture(page, `channel-history-${colorScheme}-${width}`);
});
