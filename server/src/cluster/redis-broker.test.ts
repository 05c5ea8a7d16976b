import { expect, test } from "bun:test";
import { randomUUID } from "node:crypto";
import { FakeClock } from "../../test/support/fakes/fake-clock.ts";
import { RecordedLine } from "../../test/support/fakes/recorded-line.ts";
import { EngineUnreachable } from "../core/ports/broker.ts";
import { type ClusterLoss, RedisBroker } from "./redis-broker.ts";
import { RedisChanges } from "./redis-changes.ts";
import { RedisChannels } from "./redis-channels.ts";
import type { OnLine } from "./redis-connection.ts";
import { RedisKeys } from "./redis-keys.ts";
import type { RedisLink } from "./redis-link.ts";

const event = { frame: '{"event":"a"}', exceptSocketId: null, userId: null };

/** A broker that follows a channel. The test plays Redis. */
async function open(loss: ClusterLoss) {
  const keys = new RedisKeys("t:");
  const key = keys.channel("1", "news");
  let answer = Promise.withResolvers<unknown>();
  let receive: OnLine = () => undefined;
  let entry = "";
  const link = {
    nodeId: randomUUID(),
    keys,
    isUp: true,
    isSharded: false,
    problem: null,
    onUp: () => undefined,
    onDown: () => undefined,
    async follow([name]: readonly string[], onLine: OnLine) {
      if (name === key) receive = onLine;
    },
    send(_: string, args: readonly string[]) {
      entry = args.at(-1) ?? "";
      answer = Promise.withResolvers();
      return answer.promise;
    },
  };
  const itsLink = link as unknown as RedisLink;
  const line = new RecordedLine();
  const clock = new FakeClock();
  const channels = new RedisChannels(itsLink, new RedisChanges(itsLink), clock);
  const broker = new RedisBroker(itsLink, channels, { loss, historyChannelBytesMax: 1_000_000 });
  broker.listen(line);
  await broker.follow("1", "news");
  return {
    clock,
    channels,
    publish: () => broker.publish("1", "news", event, null),
    arrive: () => receive(entry, key),
    lose: () => answer.reject(new EngineUnreachable("Redis is unreachable")),
    frames: () => line.frames("news"),
  };
}

test.each(["local", "refuse"] as const)(
  "an event that arrived on the line before its answer was lost is delivered once and accepted: %s",
  async (loss) => {
    const { publish, arrive, lose, frames } = await open(loss);
    const published = publish();
    arrive();
    lose();
    expect(await published).toEqual({ outcome: "sequenced", position: null, recipients: null });
    expect(frames()).toEqual([event.frame]);
  },
);

test("an event that arrives on the line after its answer was lost is delivered once, and so is the next one", async () => {
  const { publish, arrive, lose, frames } = await open("local");
  const published = publish();
  lose();
  expect((await published).outcome).toBe("local");
  arrive();
  expect(frames()).toEqual([event.frame]);
  const next = publish();
  arrive();
  lose();
  expect((await next).outcome).toBe("sequenced");
  expect(frames()).toHaveLength(2);
});

test("an event whose answer was lost is recognized however long Redis is away, and for ten minutes after", async () => {
  const { clock, channels, publish, arrive, lose, frames } = await open("local");
  const published = publish();
  lose();
  await published;
  clock.advance(86_400_000);
  await channels.enterAgain(false);
  clock.advance(599_999);
  arrive();
  expect(frames()).toHaveLength(1);
  clock.advance(1);
  arrive();
  expect(frames()).toHaveLength(2);
});
