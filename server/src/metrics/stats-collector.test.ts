import { beforeEach, expect, spyOn, test } from "bun:test";
import { FakeClock } from "../../test/support/fakes/fake-clock.ts";
import { fakeConnection } from "../../test/support/fakes/fake-socket.ts";
import { MemoryStatsStore } from "../../test/support/fakes/memory-stats-store.ts";
import { MemoryNodes } from "../cluster/memory-nodes.ts";
import { SingleNodeBus } from "../cluster/single-node-bus.ts";
import { ActivityFeed } from "../core/activity.ts";
import { noStats } from "../core/ports/stats-store.ts";
import { AllNodes } from "../management/all-nodes.ts";
import { createReadStats, type ReadStats } from "../management/read-stats.ts";
import { AppCounters } from "./app-counters.ts";
import { StatsCollector } from "./stats-collector.ts";

const minuteMs = 60_000;
let clock: FakeClock;
let activity: ActivityFeed;
let store: MemoryStatsStore;
let problem: PromiseWithResolvers<unknown>;
let beganAtMs: number;
let collector: StatsCollector;

beforeEach(() => {
  clock = new FakeClock();
  activity = new ActivityFeed();
  store = new MemoryStatsStore();
  problem = Promise.withResolvers();
  beganAtMs = clock.now();
  collector = new StatsCollector(new AppCounters(activity, "slow"), store, clock, problem.resolve);
  collector.start();
});

test("each minute has its own counts and the connections that stay open", async () => {
  const startMs = clock.now();
  const first = open("1.1");
  open("2.2");
  close(first);
  activity.emit({ type: "message_received", appId: "1", connection: first, bytes: 10 });
  activity.emit({ type: "delivered", appId: "1", channel: "news", deliveries: 5, frameBytes: 10 });
  clock.advance(minuteMs);
  const request = { method: "POST", route: "/apps/:appId/events", status: 403, durationMs: 1 };
  activity.emit({ type: "api_request", appId: "1", failure: null, ...request });
  await collector.stop();
  expect(store.minutes).toEqual([
    {
      appId: "1",
      startMs,
      connections: 1,
      connectionsPeak: 2,
      messagesIn: 1,
      messagesOut: 5,
      apiRequests: 0,
      errors: 0,
    },
    {
      appId: "1",
      startMs: startMs + minuteMs,
      connections: 1,
      connectionsPeak: 1,
      messagesIn: 0,
      messagesOut: 0,
      apiRequests: 1,
      errors: 1,
    },
  ]);
});

test("rejected requests count as requests and as errors", async () => {
  activity.emit({
    type: "api_request_refused",
    appId: "1",
    method: "POST",
    route: "/apps/:appId/events",
    sender: { address: "192.0.2.9", sdk: null },
    status: 401,
    reason: "Unknown auth_key",
    requests: 3,
  });
  await collector.stop();
  expect(store.minutes).toMatchObject([{ appId: "1", apiRequests: 3, errors: 3 }]);
});

test("the last complete minute is available without the database", () => {
  activity.emit({ type: "delivered", appId: "1", channel: "news", deliveries: 5, frameBytes: 10 });
  expect(collector.messagesLastMinute("1")).toBe(0);
  clock.advance(minuteMs);
  expect(collector.messagesLastMinute("1")).toBe(5);
});

test("a series ends with the current minute so far", async () => {
  open("1.1");
  clock.advance(minuteMs);
  open("2.2");
  clock.advance(1_000);
  const points = await series("1", "minute", beganAtMs, clock.now());
  expect(points.map(({ startMs, connectionsPeak }) => [startMs - beganAtMs, connectionsPeak])).toEqual([
    [0, 1],
    [minuteMs, 2],
  ]);
});

test("the current minute is part of its hour", async () => {
  const stored = { ...noStats, connections: 1, connectionsPeak: 7, messagesOut: 100 };
  store.series = () => Promise.resolve([{ startMs: beganAtMs, ...stored }]);
  open("1.1");
  activity.emit({ type: "delivered", appId: "1", channel: "news", deliveries: 5, frameBytes: 10 });
  expect(await series("1", "hour", beganAtMs, beganAtMs + 1)).toEqual([
    { startMs: beganAtMs, ...stored, messagesOut: 105 },
  ]);
});

test("a series contains minutes that are not saved yet", async () => {
  store.addMinute = () => Promise.reject(new Error("the database accepts no writes"));
  activity.emit({ type: "delivered", appId: "1", channel: "news", deliveries: 5, frameBytes: 10 });
  clock.advance(minuteMs);
  await problem.promise;
  const points = await series("1", "minute", beganAtMs, beganAtMs + minuteMs);
  expect(points.map(({ messagesOut }) => messagesOut)).toEqual([5]);
});

test("a minute that ends while the store is read appears once", async () => {
  const ask = store.series.bind(store);
  store.series = (...question) => {
    store.series = ask;
    activity.emit({ type: "delivered", appId: "1", channel: "news", deliveries: 5, frameBytes: 10 });
    clock.advance(minuteMs);
    return ask(...question);
  };
  const points = await series("1", "minute", beganAtMs, beganAtMs + minuteMs);
  expect(points.map(({ messagesOut }) => messagesOut)).toEqual([5]);
});

test("an app without activity takes no space", async () => {
  close(open("1.1"));
  clock.advance(5 * minuteMs);
  await collector.stop();
  expect(store.minutes).toHaveLength(1);
});

test("minutes that could not be saved are saved once the database is back, each once", async () => {
  const add = store.addMinute.bind(store);
  store.addMinute = () => Promise.reject(new Error("the database is unreachable"));
  open("1.1");
  clock.advance(minuteMs);
  expect(await problem.promise).toEqual(new Error("the database is unreachable"));
  store.addMinute = add;
  clock.advance(minuteMs);
  await collector.stop();
  expect(store.minutes.map(({ startMs }) => (startMs - beganAtMs) / minuteMs)).toEqual([0, 1, 2]);
});

test("old rows are deleted at the first save and then once an hour", async () => {
  const prunes = spyOn(store, "prune");
  const callsAfter = async (minutes: number) => {
    for (let minute = 0; minute < minutes; minute += 1) {
      clock.advance(minuteMs);
      // Waits for the save.
      await collector.unsaved("1");
    }
    return prunes.mock.calls.length;
  };
  expect(await callsAfter(1)).toBe(1);
  expect(await callsAfter(59)).toBe(1);
  expect(await callsAfter(1)).toBe(2);
  prunes.mockRejectedValueOnce(new Error("the database is unreachable"));
  expect(await callsAfter(60)).toBe(3);
  expect(await callsAfter(1)).toBe(4);
  await collector.stop();
});

async function series(...question: Parameters<ReadStats>) {
  const alone = new AllNodes(new MemoryNodes(clock), new SingleNodeBus(), true);
  return (await createReadStats(store, (appId) => collector.unsaved(appId), alone)(...question)).points;
}

function open(socketId: string) {
  const { connection } = fakeConnection(socketId, "1");
  activity.emit({ type: "connection_opened", appId: "1", connection });
  return connection;
}

function close(connection: ReturnType<typeof open>): void {
  activity.emit({
    type: "connection_closed",
    appId: "1",
    connection,
    memberships: [],
    code: 1000,
    reason: "",
  });
}
