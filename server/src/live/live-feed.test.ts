import { expect, test } from "bun:test";
import { FakeClock } from "../../test/support/fakes/fake-clock.ts";
import { ActivityFeed } from "../core/activity.ts";
import { LiveFeed, type LiveGap } from "./live-feed.ts";

test("rows that another node dropped are reported as a gap to each watcher of the app, after the rows before them", () => {
  let receive: (text: string) => boolean = () => false;
  const bus = {
    listen(_: string, listener: typeof receive) {
      receive = listener;
      return () => undefined;
    },
    hasListeners: () => false,
    send: () => undefined,
  };
  const peers = { bus, me: () => ({ id: "a", name: "node-a" }) };
  const feed = new LiveFeed(new ActivityFeed(), new FakeClock(), peers);
  const received: (string | LiveGap)[] = [];
  for (const name of ["first", "second"])
    feed.watch("1", null, {
      entry: ({ node }) => void received.push(`${name}: ${node?.name}`),
      gap: (gap) => void received.push(gap),
      end: () => undefined,
    });
  const news = [
    { at: "2026-01-01T00:00:00.000Z", node: { id: "b", name: "node-b" }, type: "cache_miss", channel: "x" },
  ];
  receive(JSON.stringify({ v: 1, nodeId: "b", epoch: "e", first: 0, news, dropped: 7 }));
  const gap = { dropped: 7, reason: "otherNode" } as const;
  expect(received).toEqual(["first: node-b", "second: node-b", gap, gap]);
});
