import { expect, test } from "bun:test";
import { FakeClock } from "../../test/support/fakes/fake-clock.ts";
import { ActivityFeed } from "../core/activity.ts";
import { LiveExchange } from "./live-exchange.ts";

/** Two nodes. A text of one reaches the other unless `isLost` is set. If `isUnknown` is set, no node knows who listens. */
function twoNodes() {
  const clock = new FakeClock();
  const state = { isLost: false, isUnknown: false, batches: 0 };
  const listeners = new Map<string, (text: string) => boolean>();
  const nodes = ["a", "b"].map((id) => {
    const activity = new ActivityFeed();
    const bus = {
      listen(topic: string, listener: (text: string) => boolean) {
        listeners.set(topic, listener);
        return () => void listeners.delete(topic);
      },
      hasListeners: (topic: string) => listeners.has(topic) && !state.isUnknown,
      send(topic: string, text: string) {
        state.batches += 1;
        if (!state.isLost) listeners.get(topic)?.(text);
      },
    };
    const exchange = new LiveExchange(activity, { bus, me: () => ({ id, name: `node-${id}` }) }, clock);
    return { activity, exchange };
  });
  const [a, b] = nodes;
  if (a === undefined || b === undefined) throw new Error("There are two nodes");
  const received: string[] = [];
  const listen = () =>
    a.exchange.listen("1", {
      news: (news) => void received.push(`${news.node?.name} ${"channel" in news ? news.channel : ""}`),
      dropped: (count) => void received.push(`dropped ${count}`),
    });
  /** Returns whether the listening node can parse the text. */
  const receive = (text: string) => listeners.get("live 1")?.(text);
  const happen = (channel: string, appId = "1") => b.activity.emit({ type: "cache_miss", appId, channel });
  return { clock, state, received, listen, receive, happen };
}

test("activity of another node arrives in batches, only while somebody listens", () => {
  const { clock, state, received, listen, happen } = twoNodes();
  happen("before");
  const leave = listen();
  for (const channel of ["x", "y"]) happen(channel);
  happen("z", "2");
  clock.advance(100);
  expect(received).toEqual(["node-b x", "node-b y"]);
  leave();
  happen("after");
  clock.advance(100);
  expect([received.length, state.batches]).toEqual([2, 1]);
});

test.each([
  ["ASCII", "x".repeat(100_000)],
  ["characters of two bytes", "ж".repeat(50_000)],
])("entries beyond the 256 KiB of a batch are reported as dropped with it: %s", (_, channel) => {
  const { clock, received, listen, happen } = twoNodes();
  listen();
  for (let index = 0; index < 4; index += 1) happen(channel);
  clock.advance(50);
  expect(received).toEqual([`node-b ${channel}`, `node-b ${channel}`, "dropped 2"]);
  happen("y");
  clock.advance(50);
  expect(received.slice(3)).toEqual(["node-b y"]);
});

test("lost batches, and entries that an older node dropped, are counted with the next batch", () => {
  const { clock, state, received, listen, receive, happen } = twoNodes();
  listen();
  for (const first of [0, 3]) receive(JSON.stringify({ v: 1, nodeId: "older", epoch: "e", first, news: [] }));
  expect(received.splice(0)).toEqual(["dropped 3"]);
  happen("y");
  clock.advance(100);
  state.isLost = true;
  happen("lost");
  clock.advance(100);
  state.isLost = false;
  happen("z");
  clock.advance(100);
  expect(received).toEqual(["node-b y", "dropped 1", "node-b z"]);
});

test("entries that a node did not send while it did not know of the listener are reported, although it cannot count them", () => {
  const { clock, state, received, listen, happen } = twoNodes();
  listen();
  happen("x");
  clock.advance(100);
  state.isUnknown = true;
  happen("lost");
  clock.advance(100);
  state.isUnknown = false;
  happen("y");
  happen("z");
  clock.advance(100);
  happen("later");
  clock.advance(100);
  expect(received).toEqual(["node-b x", "dropped null", "node-b y", "node-b z", "node-b later"]);
});

test("a node that begins to listen again has missed nothing", () => {
  const { clock, received, listen, happen } = twoNodes();
  listen()();
  happen("unheard");
  clock.advance(100);
  listen();
  happen("x");
  clock.advance(100);
  expect(received).toEqual(["node-b x"]);
});

test("a batch of another or no version is ignored", () => {
  const { received, listen, receive } = twoNodes();
  listen();
  const batch = { v: 1, nodeId: "b", epoch: "e", first: 0, news: [] };
  expect(receive(JSON.stringify(batch))).toBe(true);
  for (const other of [{ ...batch, v: 2 }, { entries: [] }, null])
    expect(receive(JSON.stringify(other))).toBe(false);
  expect(receive("not JSON")).toBe(false);
  expect(received).toEqual([]);
});
