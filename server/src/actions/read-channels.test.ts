import { beforeEach, expect, test } from "bun:test";
import { nobody } from "../../test/support/net/from-nowhere.ts";
import { type Stage, startProtocol } from "../../test/support/protocol-stage.ts";
import { createReadCachedEvent } from "./read-cached-event.ts";
import { createReadChannels, infoAttributes, type ReadChannels } from "./read-channels.ts";

let stage: Stage;
let channels: ReadChannels;

beforeEach(async () => {
  stage = startProtocol({ settings: { cacheTtlMs: 10_000 } });
  channels = createReadChannels(stage.roster, createReadCachedEvent(stage.broker));
  const [one, two] = [stage.connect(), stage.connect()];
  for (const client of [one, two]) await client.subscribe("presence-a", { user_id: "ada" });
  await one.subscribe("cache-a");
});

async function publish(channel: string, data: string): Promise<void> {
  const event = { name: "e", data, channels: [channel], exceptSocketId: null };
  await stage.stack.publish.send(stage.app(), event, nobody);
}

test("occupied channels are listed with the requested attributes", async () => {
  const list = (...attributes: (typeof infoAttributes)[number][]) =>
    channels.list(stage.app(), "", attributes);
  expect({ ...(await list()) }).toEqual({ "presence-a": {}, "cache-a": {} });
  expect({ ...(await list("user_count", "subscription_count")) }).toEqual({
    "presence-a": { user_count: 1, subscription_count: 2 },
    "cache-a": { subscription_count: 1 },
  });
});

test("one channel is described with the requested attributes, even if it is vacant", async () => {
  const one = (channel: string, attributes = infoAttributes.slice()) =>
    channels.one(stage.app(), channel, attributes);
  expect(await one("presence-a")).toEqual({ occupied: true, user_count: 1, subscription_count: 2 });
  expect(await one("presence-a", [])).toEqual({ occupied: true });
  expect(await one("news")).toEqual({ occupied: false, subscription_count: 0 });
  expect(await one("cache-a", [])).toEqual({ occupied: true });
  expect(await one("cache-a", ["cache"])).toEqual({ occupied: true, cache: null });
  await publish("cache-a", "d");
  stage.clock.advance(1_500);
  expect(await one("cache-a", ["cache"])).toEqual({ occupied: true, cache: { data: "d", ttl: 9 } });
});

test("the users of a presence channel are listed once each", async () => {
  expect(await channels.userIds(stage.app(), "presence-a")).toEqual(["ada"]);
});
