/** A Redis that does not respond, or that lost its data: what nodes do, by a clock that the test advances. */
import { expect, test } from "bun:test";
import type { RedisSuppliers } from "../../src/cluster/redis-suppliers.ts";
import { RedisStage } from "../support/redis-stage.ts";
import { until } from "../support/until.ts";

const channel = "presence-room";
const stage = new RedisStage();

/** A node, what its subscribers receive, and the changes that it reports. */
async function open() {
  const node = await stage.open();
  const changes: string[] = [];
  node.roster.onChange(({ type }) => changes.push(type));
  return { ...node, changes };
}

const member = (userId: string) => ({ userId, infoJson: null });

async function enter({ roster }: RedisSuppliers, userId: string): Promise<void> {
  const rest = { membersMax: 10, isCountPublished: false, bounds: null, catchUp: null };
  await roster.join({ appId: "1", channel, member: member(userId), ...rest }, () => undefined);
}

test("a node detects within six seconds that Redis does not respond, and reconnects within three when it does again", async () => {
  const { link } = await open();
  stage.redis.signal("SIGSTOP");
  stage.clock.advance(5_999);
  const wasUp = link.isUp;
  stage.clock.advance(1);
  const isUp = link.isUp;
  stage.redis.signal("SIGCONT");
  expect([wasUp, isUp, link.problem]).toEqual([true, false, expect.stringContaining("did not arrive")]);
  stage.clock.advance(3_000);
  await until("the link", () => link.isUp);
});

test("a node learns again that Redis lost its data if its link breaks before it has entered everything again", async () => {
  const { link } = await open();
  const losses: boolean[] = [];
  const breakLink = async () => {
    await Bun.$`redis-cli -p ${stage.redis.port} client kill type pubsub`.quiet();
    await until("the link to break", () => !link.isUp);
  };
  link.onUp(async (isDataLost) => {
    losses.push(isDataLost);
    if (losses.length === 1) await breakLink();
  });
  await Bun.$`redis-cli -p ${stage.redis.port} flushall`.quiet();
  stage.clock.advance(2_000);
  await until("the loss to be detected", () => !link.isUp);
  for (const count of [1, 2, 3]) {
    if (count === 3) await breakLink();
    stage.clock.advance(100);
    await until(`return ${count}`, () => losses.length === count);
    if (count === 1) await until("the next break", () => !link.isUp);
  }
  expect(losses).toEqual([true, true, false]);
});

test("a subscription that began while Redis was unreachable is in the count that is sent when it is back", async () => {
  const { link, roster, line, figures } = await open();
  const subscribe = async () => {
    const rest = { membersMax: 10, isCountPublished: true, bounds: null, catchUp: null };
    await roster.join({ appId: "1", channel: "news", member: null, ...rest }, () => undefined);
    stage.clock.advance(100);
  };
  const counts = () => line.received.flatMap(({ what, value }) => (what === "count" ? [value] : []));
  await subscribe();
  await until("the count", () => counts().length === 1);
  await Bun.$`redis-cli -p ${stage.redis.port} client kill type pubsub`.quiet();
  await until("the link to break", () => !link.isUp);
  await subscribe();
  await until("the link to be back", () => link.isUp && figures().gaps === 1);
  stage.clock.advance(100);
  await until("the next count", () => counts().length === 2);
  expect(counts()).toEqual([1, 2]);
});

test("after Redis lost its data nodes enter it again without a report, and compare the members after ten seconds", async () => {
  const [node, other, dead] = [await open(), await open(), await open()];
  const alive = [node, other];
  const all = (condition: (one: typeof node) => boolean) =>
    until("both nodes", () => alive.every((one) => condition(one)));
  /** What both nodes received and reported since the last call, without events. */
  const news = () =>
    alive.map(({ line, changes }) => [
      ...line.received.splice(0).flatMap(({ what, value }) => (what === "event" ? [] : [{ what, value }])),
      ...changes.splice(0),
    ]);
  /** Advances the clock. Both nodes have received their probes of this time. */
  async function pass(ms: number) {
    stage.clock.advance(ms);
    for (const { broker, line } of alive) {
      const count = line.frames(channel).length;
      await broker.publish("1", channel, { frame: "{}", exceptSocketId: null, userId: null }, null);
      await until("the event", () => line.frames(channel).length > count);
    }
  }
  for (const [index, one] of [node, other, dead].entries()) await enter(one, `user-${index}`);
  await all(({ line }) => Bun.deepEquals(line.received.at(-1)?.value, member("user-2")));
  news();
  dead.link.close();
  await Bun.$`redis-cli -p ${stage.redis.port} flushall`.quiet();
  stage.clock.advance(2_000);
  await all(({ link }) => !link.isUp);
  stage.clock.advance(100);
  await all((one) => one.link.isUp && one.figures().gaps === 1);
  for (let second = 0; second < 9; second++) await pass(1_000);
  expect((await node.roster.counts("1", channel)).userCount).toBe(2);
  expect(news()).toEqual([[], []]);
  await pass(1_000);
  await all(({ line }) => line.received.some(({ what }) => what !== "event"));
  const removed = { what: "removed", value: "user-2" } as const;
  expect(news()).toEqual([[removed], [removed]]);
});
