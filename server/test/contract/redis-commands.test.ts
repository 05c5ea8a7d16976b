/** The commands that a node sends to Redis: no more than needed, and with the names that a sweep needs. */
import { expect, test } from "bun:test";
import type { RedisSuppliers } from "../../src/cluster/redis-suppliers.ts";
import type { HistoryBounds } from "../../src/core/ports/history.ts";
import { RedisStage } from "../support/redis-stage.ts";
import { until } from "../support/until.ts";

const appId = "1";
const bounds = { eventsMax: 10, ageMsMax: 60_000 };
const event = { frame: "{}", exceptSocketId: null, userId: null };
const stage = new RedisStage();
const open = () => stage.open();

async function join({ roster }: RedisSuppliers, channel: string, userId: string, membersMax = 100) {
  const member = { userId, infoJson: null };
  const rest = { membersMax, isCountPublished: false, bounds: null, catchUp: null };
  let outcome = "";
  await roster.join({ appId, channel, member, ...rest }, (joined) => {
    outcome = joined.outcome;
  });
  return outcome;
}

async function subscribe({ roster }: RedisSuppliers, channel: string, kept: HistoryBounds | null = null) {
  const rest = { member: null, membersMax: 1, isCountPublished: false, catchUp: null };
  await roster.join({ appId, channel, bounds: kept, ...rest }, () => undefined);
}

async function contributionsOf({ link }: RedisSuppliers): Promise<string[]> {
  const key = link.keys.contributions(link.nodeId);
  return ((await link.send(key, ["SMEMBERS", key])) as string[]).sort();
}

/** How often Redis executed each command since the last call. */
async function commandsSent(): Promise<Record<string, number>> {
  const text = await Bun.$`redis-cli -p ${stage.redis.port} info commandstats`.text();
  await Bun.$`redis-cli -p ${stage.redis.port} config resetstat`.quiet();
  return Object.fromEntries(
    Array.from(text.matchAll(/^cmdstat_(\w+):calls=(\d+)/gm), ([, name, calls]) => [name, Number(calls)]),
  );
}

test("a join of a presence channel is one script, and the channels of one turn share the other commands", async () => {
  const node = await open();
  await commandsSent();
  await Promise.all(["a", "b", "c", "d"].map((name) => join(node, `presence-${name}`, "ada")));
  stage.clock.advance(100);
  await node.roster.channels(appId, "presence-");
  const { evalsha, ssubscribe, sadd } = await commandsSent();
  // The reading of the counts is a script for each channel, too.
  expect({ evalsha, ssubscribe, sadd }).toEqual({ evalsha: 4 + 4, ssubscribe: 1, sadd: 2 });
  expect(await contributionsOf(node)).toEqual(["a", "b", "c", "d"].map((name) => `c 1 presence-${name}`));
});

test("a publish is one command, and only nodes with subscribers of the channel receive the event", async () => {
  const [sender, subscribed, other] = [await open(), await open(), await open()];
  await subscribe(subscribed, "news");
  await subscribe(other, "sports");
  await commandsSent();
  const received = () => [sender, subscribed, other].map((node) => node.figures().linesIn);
  const before = received();
  await sender.broker.publish(appId, "news", event, null);
  await sender.broker.publish(appId, "news", event, bounds);
  await until("both events", () => received()[1] === (before[1] ?? 0) + 2);
  const { spublish, evalsha } = await commandsSent();
  // The second one is stored, too: the script also sends it.
  expect({ spublish, evalsha }).toEqual({ spublish: 1 + 1, evalsha: 1 });
  expect([received()[0], received()[2]]).toEqual([before[0], before[2]]);
});

test("a join of a channel with history is one script", async () => {
  const node = await open();
  await commandsSent();
  await subscribe(node, "news", bounds);
  await subscribe(node, "news", bounds);
  expect((await commandsSent()).evalsha).toBe(2);
});

test("of the subscriptions to another channel only the first and the last are scripts, and counts of 100 ms are written together", async () => {
  const [node, other] = [await open(), await open()];
  // Without it, a further script would check that the channel is vacated.
  await subscribe(other, "news");
  stage.clock.advance(100);
  await other.sent();
  const scripts = async () => (await commandsSent()).evalsha ?? 0;
  await scripts();
  await subscribe(node, "news");
  expect(await scripts()).toBe(1);
  for (let more = 0; more < 3; more++) await subscribe(node, "news");
  stage.clock.advance(99);
  expect(await scripts()).toBe(0);
  stage.clock.advance(1);
  expect((await node.roster.counts(appId, "news")).subscriptionCount).toBe(1 + 4);
  // The reading of the counts is a script, too.
  expect(await scripts()).toBe(1 + 1);
  for (let less = 0; less < 4; less++)
    await node.roster.leave({ appId, channel: "news", userId: null, isCountPublished: false });
  expect(await scripts()).toBe(1);
});

test("a node that was swept and entered again can be swept again", async () => {
  const [a, b] = [await open(), await open()];
  await join(a, "presence-x", "ada");
  const left = { subscriptionCount: 0, userCount: 0 };
  for (const round of [1, 2]) {
    await b.roster.sweep(a.link.nodeId, 10_000);
    expect([round, await b.roster.counts(appId, "presence-x")]).toEqual([round, left]);
    await a.roster.enterAgain();
    const back = { subscriptionCount: 1, userCount: 1 };
    expect([round, await b.roster.counts(appId, "presence-x")]).toEqual([round, back]);
  }
});

test("a channel that was full is not listed when the node has stopped following it", async () => {
  const [a, b] = [await open(), await open()];
  expect(await join(a, "presence-x", "ada", 1)).toBe("joined");
  expect(await join(b, "presence-x", "bob", 1)).toBe("full");
  expect(await contributionsOf(b)).toEqual(["c 1 presence-x"]);
  stage.clock.advance(5_000);
  await until("the channel to leave the set", async () => (await contributionsOf(b)).length === 0);
  expect(await b.roster.counts(appId, "presence-x")).toEqual({ subscriptionCount: 1, userCount: 1 });
});
