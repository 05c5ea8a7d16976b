import { beforeEach, expect, test } from "bun:test";
import { AdminApiUnderTest } from "../../../test/support/admin-api.ts";
import { fakeConnection } from "../../../test/support/fakes/fake-socket.ts";
import { somebody } from "../../../test/support/management.ts";
import type { AppSettings } from "../../core/apps/app-settings.ts";
import type { BoardSort } from "../contracts/board.ts";

const minuteMs = 60_000;
let server: AdminApiUnderTest;

beforeEach(() => {
  server = new AdminApiUnderTest();
});

function add(id: string, name: string, settings: Partial<AppSettings> = {}) {
  return server.management.addApp(somebody, { id, name, settings });
}

function connect(appId: string, amount: number): void {
  const { hub, clock } = server.management;
  for (let index = 0; index < amount; index++)
    hub.add(fakeConnection(`${appId}${index}.1`, appId, clock.now()).connection, false);
}

async function namesBy(sort: BoardSort, order: "asc" | "desc"): Promise<string[]> {
  const { apps } = await server.call("board", { query: { sort, order } });
  return apps.map(({ name }) => name);
}

function count(appId: string, agoMs: number, messagesOut: number, errors: number): Promise<void> {
  const nowMs = server.management.clock.now();
  const startMs = nowMs - agoMs - ((nowMs - agoMs) % minuteMs);
  const stats = { connections: 1, connectionsPeak: 3, messagesIn: 0, messagesOut, apiRequests: 0, errors };
  return server.stats.addMinute(startMs, new Map([[appId, stats]]));
}

test("a row has the current figures and the last hour in twenty values", async () => {
  await add("1", "Shop", { connectionsMax: 5 });
  connect("1", 4);
  server.errorsOfLastMinute.set("1", 7);
  await count("1", 30 * minuteMs, 50, 2);
  await count("1", 2 * 3_600_000, 999, 9);
  const { apps, total } = await server.call("board");
  const [row] = apps;
  expect(row).toMatchObject({
    id: "1",
    name: "Shop",
    isEnabled: true,
    isRotating: false,
    connections: 4,
    connectionsMax: 5,
    errorsLastMinute: 7,
    webhooks: null,
    nearLimits: [{ limit: "connectionsMax", used: 4, max: 5 }],
  });
  expect([row?.lastHour.messages.length, row?.lastHour.errors.length]).toEqual([20, 20]);
  const sum = (values: readonly number[] = []) => values.reduce((all, value) => all + value, 0);
  expect([sum(row?.lastHour.messages), sum(row?.lastHour.errors)]).toEqual([50, 2]);
  expect(Math.max(...(row?.lastHour.connections ?? []))).toBe(3);
  expect(total).toBe(1);
});

test("the figures of the last hour are cached until the next minute is saved", async () => {
  await add("1", "Shop");
  await server.call("board");
  await count("1", 5 * minuteMs, 50, 0);
  const messages = async () => {
    const { apps } = await server.call("board");
    return Math.max(...(apps[0]?.lastHour.messages ?? []));
  };
  expect(await messages()).toBe(0);
  server.management.clock.advance(minuteMs);
  expect(await messages()).toBe(50);
});

test("each column sorts in both orders, and pages continue in that order", async () => {
  await add("1", "bees", { connectionsMax: 10 });
  await add("2", "Ants");
  await add("3", "cats", { connectionsMax: 3 });
  connect("1", 1);
  connect("2", 5);
  connect("3", 3);
  server.errorsOfLastMinute.set("3", 1);
  expect(await namesBy("name", "asc")).toEqual(["Ants", "bees", "cats"]);
  expect(await namesBy("name", "desc")).toEqual(["cats", "bees", "Ants"]);
  expect(await namesBy("connections", "desc")).toEqual(["Ants", "cats", "bees"]);
  expect((await namesBy("errors", "desc"))[0]).toBe("cats");
  expect((await namesBy("limits", "desc"))[0]).toBe("cats");
  const query = { sort: "connections", order: "desc", limit: 2 } as const;
  const first = await server.call("board", { query });
  const second = await server.call("board", { query: { ...query, cursor: first.nextCursor ?? "" } });
  expect([first, second].map(({ apps }) => apps.map(({ id }) => id))).toEqual([["2", "3"], ["1"]]);
  expect([second.nextCursor, second.total]).toEqual([null, 3]);
  expect(await server.refusal("board", { query: { cursor: "bm8" } })).toMatchObject({ status: 400 });
});

test("the worst condition of an app's webhooks is shown with the number of webhooks in it", async () => {
  await add("1", "Shop");
  const body = { url: "https://example.com/hook", events: ["channel_occupied" as const] };
  const made: string[] = [];
  for (let index = 0; index < 3; index++)
    made.push((await server.call("createWebhook", { params: { appId: "1" }, body })).webhook.id);
  const condition = async () => (await server.call("board")).apps[0]?.webhooks;
  const well = { failuresInARow: 0, isPaused: false, pausedUntilMs: 0 };
  server.webhookControl.circuit = () => well;
  expect(await condition()).toEqual({ condition: "ok", amount: 3 });
  server.givenUp.add(made[0] ?? "");
  expect(await condition()).toEqual({ condition: "givenUp", amount: 1 });
  server.webhookControl.circuit = (id) => (id === made[1] ? well : { ...well, failuresInARow: 2 });
  expect(await condition()).toEqual({ condition: "failing", amount: 2 });
  server.webhookControl.circuit = (id) => ({ ...well, failuresInARow: 20, isPaused: id === made[0] });
  expect(await condition()).toEqual({ condition: "paused", amount: 1 });
});

test("the board contains only apps that the caller may see", async () => {
  await add("1", "Shop");
  await add("2", "Chat");
  const token = await server.token(["app:2"]);
  const { apps, total } = await server.call("board", { token });
  expect([apps.map(({ id }) => id), total]).toEqual([["2"], 1]);
});
