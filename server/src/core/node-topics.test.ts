import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { FakeSocket } from "../../test/support/fakes/fake-socket.ts";
import { FakeTopics } from "../../test/support/fakes/fake-topics.ts";
import { NodeTopics } from "./node-topics.ts";

function start() {
  const runtime = new FakeTopics();
  return { runtime, topics: new NodeTopics(runtime), socket: () => new FakeSocket(runtime) };
}

const appId = fc.constantFrom("1", "2");
const topic = fc.constantFrom("a", "b", "c");
const client = fc.nat({ max: 4 });
const step = fc.oneof(
  fc.record({ type: fc.constantFrom("enter", "leave"), appId, topic, client }),
  fc.record({
    type: fc.constant("publish"),
    appId,
    topic,
    client: fc.option(client, { nil: -1 }),
  }),
  fc.record({ type: fc.constant("close"), appId: fc.constant(""), topic: fc.constant(""), client }),
);

test("each frame reaches the subscribers of its topic once and in order, for any sequence of calls", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: "max" }), (steps) => {
      const { topics, socket } = start();
      const sockets = Array.from({ length: 5 }, socket);
      const subscribed = sockets.map(() => new Set<string>());
      const expected: string[][] = sockets.map(() => []);
      for (const [number, given] of steps.entries()) {
        const key = `${given.appId}/${given.topic}`;
        const own = sockets[given.client];
        if (given.type === "publish") {
          const frame = `${key} ${number}`;
          topics.publish(given.appId, given.topic, frame, own ?? null);
          for (const [index, all] of subscribed.entries())
            if (all.has(key) && index !== given.client) expected[index]?.push(frame);
        } else if (own?.closed === null) {
          if (given.type === "enter") {
            topics.enter(given.appId, given.topic, own);
            subscribed[given.client]?.add(key);
          } else if (given.type === "leave") {
            topics.leave(given.appId, given.topic, own);
            subscribed[given.client]?.delete(key);
          } else {
            own.close(1000, "");
            for (const left of subscribed[given.client] ?? []) {
              const [appId = "", topic = ""] = left.split("/");
              topics.leave(appId, topic, own);
            }
            subscribed[given.client]?.clear();
          }
        }
        for (const id of ["1", "2"])
          for (const name of ["a", "b", "c"])
            expect(topics.subscriberCount(id, name)).toBe(
              subscribed.filter((all) => all.has(`${id}/${name}`)).length,
            );
      }
      expect(sockets.map(({ frames }) => frames)).toEqual(expected);
    }),
  );
});

describe("a topic with one subscriber", () => {
  test("is no topic of the runtime before its first frame, and leaves nothing behind", () => {
    const { runtime, topics, socket } = start();
    const [one, two] = [socket(), socket()];
    topics.enter("1", "news", one);
    topics.leave("1", "news", one);
    topics.enter("1", "news", two);
    expect([runtime.names, topics.subscriberCount("1", "news")]).toEqual([[], 1]);
    topics.publish("1", "news", "frame", null);
    expect([runtime.names, one.frames, two.frames]).toEqual([["1/news"], [], ["frame"]]);
  });

  test("has one subscriber after a second subscription of the same socket", () => {
    const { topics, socket } = start();
    const one = socket();
    for (const _ of [1, 2]) topics.enter("1", "news", one);
    topics.publish("1", "news", "frame", null);
    expect([topics.subscriberCount("1", "news"), one.frames]).toEqual([1, ["frame"]]);
  });

  test("becomes one with its second subscriber", () => {
    const { runtime, topics, socket } = start();
    for (const one of [socket(), socket()]) topics.enter("1", "news", one);
    expect(runtime.names).toEqual(["1/news"]);
  });

  test("stays with its subscriber when a socket that is not subscribed leaves", () => {
    const { topics, socket } = start();
    topics.enter("1", "news", socket());
    topics.leave("1", "news", socket());
    expect(topics.subscriberCount("1", "news")).toBe(1);
  });
});
