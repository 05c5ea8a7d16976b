import { expect, test } from "bun:test";
import { FakeClock } from "../../test/support/fakes/fake-clock.ts";
import { ActivityFeed } from "../core/activity.ts";
import { UnknownKeys } from "./unknown-keys.ts";

function start() {
  const clock = new FakeClock();
  const activity = new ActivityFeed();
  const keys = new UnknownKeys(activity, clock);
  const refuse = (appKey: string | null, address = "192.0.2.9", appId: string | null = null) =>
    activity.emit({
      type: "handshake_refused",
      appId,
      appKey,
      code: 4001,
      reason: "App key not in this cluster",
      sender: { address, sdk: "js 8.4.0" },
    });
  return { clock, keys, refuse };
}

test("a key is listed with its count and latest sender, most recent first", () => {
  const { keys, refuse } = start();
  refuse("old", "192.0.2.1");
  refuse("new");
  refuse("old", "192.0.2.2");
  refuse(null);
  refuse("known", "192.0.2.3", "1");
  expect(keys.latest()).toMatchObject([
    { key: "old", handshakes: 2, sender: { address: "192.0.2.2", sdk: "js 8.4.0" } },
    { key: "new", handshakes: 1 },
  ]);
});

test("keys are limited in number and length, and removed after an hour", () => {
  const { clock, keys, refuse } = start();
  for (let index = 0; index < 200; index++) refuse(`${index}-${"k".repeat(1_000)}`);
  const latest = keys.latest();
  expect(latest).toHaveLength(50);
  expect(latest[0]?.key).toStartWith("199-k");
  expect(latest[0]?.key).toHaveLength(64);
  clock.advance(3_600_001);
  expect(keys.latest()).toEqual([]);
});
