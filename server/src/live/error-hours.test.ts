import { beforeEach, expect, test } from "bun:test";
import { FakeClock } from "../../test/support/fakes/fake-clock.ts";
import { fakeConnection } from "../../test/support/fakes/fake-socket.ts";
import { MemoryErrorStore } from "../../test/support/fakes/memory-error-store.ts";
import { ActivityFeed } from "../core/activity.ts";
import { AppRegistry } from "../core/apps/app-registry.ts";
import { newApp } from "../core/apps/new-app.ts";
import { affectedMax, samplesMax } from "../core/ports/error-store.ts";
import { ErrorHours } from "./error-hours.ts";

const app = { id: "1", createdAtMs: 0 };
const hourMs = 3_600_000;
let clock: FakeClock;
let activity: ActivityFeed;
let registry: AppRegistry;
let store: MemoryErrorStore;
let errors: ErrorHours;

beforeEach(() => {
  clock = new FakeClock();
  activity = new ActivityFeed();
  registry = new AppRegistry(clock);
  for (const id of ["1", "2"]) registry.replace(newApp({ id, key: `key-${id}` }, "somebody", 0));
  store = new MemoryErrorStore();
  errors = new ErrorHours(activity, { nodeId: "n1", registry, clock }, store);
});

function refuse(
  socketId: string,
  { channel = null as string | null, message = "Too fast", appId = "1" } = {},
): void {
  const { connection } = fakeConnection(socketId, appId, clock.now());
  activity.emit({ type: "message_refused", appId, connection, channel, code: 4301, message });
}

async function saved() {
  await errors.save();
  return errors.list(app);
}

test("a frequent error is one group with its count, and does not displace other errors", async () => {
  refuse("2.2", { channel: "private-user-1", message: "The signature is wrong" });
  for (let count = 1; count <= 5_000; count++) refuse("1.1", { channel: `private-user-${count}` });
  const groups = await saved();
  expect(
    groups.map(({ errors, cause: { channelPattern, reasonPattern } }) => [
      errors,
      channelPattern,
      reasonPattern,
    ]),
  ).toEqual([
    [1, "private-user-*", "The signature is wrong"],
    [5_000, "private-user-*", "Too fast"],
  ]);
  expect(groups[1]).toMatchObject({ socketIds: ["1.1"], addresses: ["192.0.2.7"], nodeId: "n1" });
  expect(groups[1]?.newest.map(({ channel }) => channel)).toEqual(
    [4_998, 4_999, 5_000].map((count) => `private-user-${count}`),
  );
});

test("sockets, samples and texts of a group are limited", async () => {
  for (let count = 1; count <= 100; count++) refuse(`${count}.1`, { message: "m".repeat(90_000) });
  const [group] = await saved();
  expect(group).toMatchObject({ errors: 100 });
  expect(group?.socketIds).toHaveLength(affectedMax);
  expect(group?.newest).toHaveLength(samplesMax);
  expect(JSON.stringify(group).length).toBeLessThan(5_000);
});

test("more than fifty causes in an hour form one further group, and known causes still count", async () => {
  const word = (index: number) => String.fromCharCode(97 + Math.floor(index / 26), 97 + (index % 26));
  for (let index = 0; index < 80; index++) refuse("1.1", { message: `cause ${word(index)}` });
  refuse("1.1", { message: `cause ${word(0)}` });
  const groups = await saved();
  expect(groups).toHaveLength(51);
  expect(groups[0]).toMatchObject({ errors: 2 });
  expect(groups.at(-1)).toMatchObject({
    errors: 30,
    cause: { reasonPattern: "Further causes: there were more than 50 in this hour" },
  });
});

test("refused handshakes and requests have their sender, and those without an app are excluded", async () => {
  const sender = { address: "192.0.2.9", sdk: "php 7.2" };
  const request = { method: "POST", route: "/apps/:appId/events" };
  activity.emit({
    type: "handshake_refused",
    appId: "1",
    appKey: "k",
    code: 4003,
    reason: "Disabled",
    sender,
  });
  activity.emit({
    type: "handshake_refused",
    appId: null,
    appKey: "x",
    code: 4001,
    reason: "Unknown",
    sender,
  });
  activity.emit({
    type: "api_request",
    appId: "1",
    ...request,
    status: 413,
    durationMs: 1,
    failure: { reason: "Too large", sender },
  });
  activity.emit({ type: "api_request", appId: "1", ...request, status: 200, durationMs: 1, failure: null });
  activity.emit({
    type: "api_request_refused",
    appId: "1",
    ...request,
    status: 401,
    reason: "Unknown auth_key",
    sender,
    requests: 40,
  });
  const groups = await saved();
  expect(
    groups.map(({ cause: { code, route, sdk }, errors, addresses }) => ({
      code,
      route,
      sdk,
      errors,
      addresses,
    })),
  ).toEqual([
    { code: 4003, route: null, sdk: "php 7.2", errors: 1, addresses: ["192.0.2.9"] },
    { code: 413, route: "POST /apps/:appId/events", sdk: "php 7.2", errors: 1, addresses: ["192.0.2.9"] },
    { code: 401, route: "POST /apps/:appId/events", sdk: "php 7.2", errors: 40, addresses: ["192.0.2.9"] },
  ]);
});

test("each hour has its own count of a continuing cause", async () => {
  refuse("1.1");
  await errors.save();
  refuse("1.1");
  clock.advance(hourMs);
  refuse("1.1");
  expect((await saved()).map((hour) => hour.errors)).toEqual([2, 1]);
});

test("a failed save is repeated later, and nothing is counted twice", async () => {
  refuse("1.1");
  store.isUnreachable = true;
  expect(errors.save()).rejects.toThrow("unreachable");
  clock.advance(hourMs);
  refuse("1.1");
  store.isUnreachable = false;
  await errors.save();
  expect((await saved()).map((hour) => hour.errors)).toEqual([1, 1]);
});

test("errors of a deleted app are not saved, and those of an older app with its id are not listed", async () => {
  refuse("1.1");
  refuse("2.2", { appId: "2" });
  registry.remove("2");
  await errors.save();
  expect(await store.list("2", 0)).toEqual([]);
  expect(await errors.list({ id: "1", createdAtMs: clock.now() + 1 })).toEqual([]);
});

test("after seven days errors are neither listed nor stored", async () => {
  refuse("1.1");
  expect(await saved()).toHaveLength(1);
  clock.advance(7 * 24 * hourMs + 1);
  expect(await errors.list(app)).toEqual([]);
  clock.advance(hourMs);
  await errors.prune();
  expect(store.saved.size).toBe(0);
});
