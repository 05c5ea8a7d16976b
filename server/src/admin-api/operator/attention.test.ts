import { beforeEach, expect, test } from "bun:test";
import { AdminApiUnderTest } from "../../../test/support/admin-api.ts";
import { fakeConnection } from "../../../test/support/fakes/fake-socket.ts";
import { nodeHealth, nodeReport } from "../../../test/support/fakes/node-health.ts";
import { somebody } from "../../../test/support/management.ts";
import type { DepartedNode } from "../../core/ports/nodes.ts";

const sender = { address: "192.0.2.9", sdk: "php 7.2" };
let server: AdminApiUnderTest;

beforeEach(async () => {
  server = new AdminApiUnderTest();
  await server.management.addApp(somebody, { id: "1", name: "Shop", settings: { connectionsMax: 5 } });
});

async function items() {
  await server.call("listErrorGroups", { params: { appId: "1" } });
  return (await server.call("attention", {})).items;
}

function connect(amount: number): void {
  const { hub, clock } = server.management;
  for (let index = 0; index < amount; index++)
    hub.add(fakeConnection(`${index}.1`, "1", clock.now()).connection, false);
}

test("without problems the list is empty", async () => {
  connect(3);
  expect(await items()).toEqual([]);
});

test("an app is near its limit of connections from 80 percent", async () => {
  connect(4);
  expect(await items()).toEqual([
    { kind: "nearLimit", appId: "1", appName: "Shop", limit: "connectionsMax", used: 4, max: 5 },
  ]);
});

test("errors of this and the previous hour are listed, and unknown keys with their sender", async () => {
  const handshake = { type: "handshake_refused", reason: "No", sender } as const;
  server.activity.emit({ ...handshake, appId: "1", appKey: "k", code: 4004 });
  server.activity.emit({ ...handshake, appId: null, appKey: "gone", code: 4001 });
  expect(await items()).toMatchObject([
    { kind: "errors", appId: "1", appName: "Shop", errors: 1 },
    { kind: "unknownKey", key: "gone", handshakes: 1, sender },
  ]);
  server.management.clock.advance(2 * 3_600_000);
  expect(await items()).toEqual([]);
});

test("paused webhooks and those that the server disabled are listed", async () => {
  const created = { url: "https://example.com/hook", events: ["channel_occupied"] } as const;
  const { webhook } = await server.call("createWebhook", {
    params: { appId: "1" },
    body: { ...created, events: [...created.events] },
  });
  server.webhookControl.circuit = () => ({ failuresInARow: 20, isPaused: true, pausedUntilMs: 0 });
  expect(await items()).toEqual([
    {
      kind: "webhook",
      appId: "1",
      appName: "Shop",
      webhookId: webhook.id,
      url: created.url,
      state: "paused",
    },
  ]);
});

test("a database with slow queries is listed with its latency", async () => {
  let latencyMs = 199;
  await server.management.nodes.start(() => ({
    ...nodeReport("node-a"),
    health: { ...nodeHealth, database: { ...nodeHealth.database, latencyMs } },
  }));
  expect(await items()).toEqual([]);
  latencyMs = 200;
  expect(await items()).toEqual([{ kind: "slowDatabase", node: "node-a", latencyMs: 200, slowFromMs: 200 }]);
});

test("a node that died is listed, also when it is back, but not one that stopped", async () => {
  const { nodes } = server.management;
  await nodes.start(() => nodeReport("node-a"));
  const gone = (name: string, goneAtMs: number, isDraining = false): DepartedNode => ({
    ...nodeReport(name),
    id: `id of ${name}`,
    lastSeenAtMs: goneAtMs,
    goneAtMs,
    isDraining,
  });
  const departed = [gone("node-a", 1_000), gone("node-b", 2_000), gone("node-c", 3_000, true)];
  Object.assign(nodes, { departed: () => departed });
  expect(await items()).toEqual([
    { kind: "deadNode", node: "node-b", diedAt: new Date(2_000).toISOString(), isBack: false },
    { kind: "deadNode", node: "node-a", diedAt: new Date(1_000).toISOString(), isBack: true },
  ]);
});

test("an old secret is listed", async () => {
  server.management.clock.advance(400 * 86_400_000);
  expect(await items()).toMatchObject([{ kind: "oldSecret", appName: "Shop" }]);
});
