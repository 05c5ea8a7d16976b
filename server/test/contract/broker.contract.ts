/** The contract of every broker. Run it against each supplier of the port. */
import { beforeEach, describe, expect, test } from "bun:test";
import type { Broker } from "../../src/core/ports/broker.ts";
import type { HistoryBounds, HistoryQuery } from "../../src/core/ports/history.ts";
import type { LineEvent } from "../../src/core/ports/line.ts";
import { RecordedLine } from "../support/fakes/recorded-line.ts";
import { until } from "../support/until.ts";

const appId = "1";
const hourMs = 3_600_000;
const bounds: HistoryBounds = { eventsMax: 5, ageMsMax: hourMs };

export interface OpenedBrokers {
  /** The brokers of one cluster, one for each node: at least one. Their lines have no listeners yet. */
  readonly brokers: readonly [Broker, ...Broker[]];
  /** Advances the engine's clock. */
  pass(byMs: number): void | Promise<void>;
}

/** @param open returns a cluster with an empty engine, new at each call */
export function brokerContract(supplier: string, open: () => OpenedBrokers | Promise<OpenedBrokers>): void {
  let first: Broker;
  let last: Broker;
  let pass: OpenedBrokers["pass"];
  let lines: RecordedLine[];

  async function publish(
    broker: Broker,
    channel: string,
    frame: string,
    kept: HistoryBounds | null = null,
    { exceptSocketId = null, userId = null }: Partial<LineEvent> = {},
  ) {
    const published = await broker.publish(appId, channel, { frame, exceptSocketId, userId }, kept);
    if (published.outcome !== "sequenced") throw new Error("The engine was there and did not take the event");
    return published.position;
  }

  function offsets(page: { readonly events: readonly { readonly offset: number }[] }): number[] {
    return page.events.map(({ offset }) => offset);
  }

  describe(`${supplier} as a broker`, () => {
    beforeEach(async () => {
      const opened = await open();
      ({ pass } = opened);
      lines = opened.brokers.map((broker) => {
        const line = new RecordedLine();
        broker.listen(line);
        return line;
      });
      [first] = opened.brokers;
      last = opened.brokers.at(-1) ?? first;
      for (const broker of opened.brokers) await broker.follow(appId, "news");
    });

    test("an event reaches the listener of each node unchanged, including the publishing one", async () => {
      const event = { frame: '{"é":"😀\\u0000\n"}', exceptSocketId: "1.2", userId: "__proto__ 😀" };
      await publish(first, "news", event.frame, null, event);
      for (const line of lines) {
        await until("the event", () => line.received.length === 1);
        expect(line.received).toEqual([{ what: "event", appId, channel: "news", value: event }]);
        expect(line.positions).toEqual([null]);
      }
    });

    test("all nodes receive a channel's events in the same order, and each node's own in the order of the calls", async () => {
      const frames = Array.from({ length: 100 }, (_, index) => String(index));
      await Promise.all(
        frames.map((frame) => publish(Number(frame) % 2 === 0 ? first : last, "news", frame)),
      );
      for (const line of lines) await until("all events", () => line.frames("news").length === frames.length);
      for (const line of lines) expect(line.frames("news")).toEqual(lines[0]?.frames("news") ?? []);
      const ofFirst = (lines[0]?.frames("news") ?? []).filter((frame) => Number(frame) % 2 === 0);
      expect(ofFirst).toEqual(frames.filter((frame) => Number(frame) % 2 === 0));
    });

    test("stored events are numbered from 1 in one epoch, published by any node", async () => {
      const positions = [
        await publish(first, "news", "a", bounds),
        await publish(last, "news", "b", bounds),
        await publish(first, "news", "c", bounds),
      ];
      expect(positions.map((position) => position?.offset)).toEqual([1, 2, 3]);
      expect(new Set(positions.map((position) => position?.epoch)).size).toBe(1);
      for (const line of lines) {
        await until("all events", () => line.positions.length === 3);
        expect(line.positions).toEqual(positions);
      }
    });

    test("an event that is not stored does not change the history", async () => {
      const position = await publish(first, "news", "kept", bounds);
      await publish(last, "news", "passing");
      const page = await first.history(appId, "news", bounds, {
        direction: "forwards",
        from: null,
        limit: 10,
      });
      expect(page).toMatchObject({ position, events: [{ frame: "kept", offset: 1 }], next: null });
    });

    test("a history is read from either end, page by page", async () => {
      for (const frame of ["a", "b", "c", "d", "e"]) await publish(first, "news", frame, bounds);
      const read = (direction: "forwards" | "backwards", from: number | null) =>
        last.history(appId, "news", bounds, { direction, from, limit: 2 });
      const oldest = await read("forwards", null);
      expect([offsets(oldest), oldest.next]).toEqual([[1, 2], 3]);
      const end = await read("forwards", 4);
      expect([offsets(end), end.next]).toEqual([[4, 5], null]);
      const newest = await read("backwards", null);
      expect([offsets(newest), newest.next]).toEqual([[5, 4], 3]);
      expect(offsets(await read("backwards", 1))).toEqual([1]);
      expect(newest.events[0]).toMatchObject({ frame: "e", exceptSocketId: null, userId: null });
    });

    test("only the newest events are stored, and none that is too old", async () => {
      for (const frame of ["a", "b", "c"]) await publish(first, "news", frame, { ...bounds, eventsMax: 2 });
      const all = { direction: "forwards", from: null, limit: 10 } as const;
      expect(offsets(await last.history(appId, "news", bounds, all))).toEqual([2, 3]);
      expect(offsets(await last.history(appId, "news", { ...bounds, eventsMax: 1 }, all))).toEqual([3]);
      // Long enough that the newest event does not become too old while a loaded machine reads it.
      const ageMsMax = 3_000;
      await pass(ageMsMax);
      await publish(first, "news", "d", bounds);
      expect(offsets(await last.history(appId, "news", { ...bounds, ageMsMax }, all))).toEqual([4]);
      const { position } = await last.history(appId, "news", bounds, all);
      expect(position?.offset).toBe(4);
    });

    test("a history is read for a time, both ends included, page by page from either end", async () => {
      for (const frame of ["a", "b", "c", "d", "e"]) {
        await publish(first, "news", frame, bounds);
        await pass(2);
      }
      const read = (query: Partial<HistoryQuery>) =>
        last.history(appId, "news", bounds, { direction: "forwards", from: null, limit: 10, ...query });
      const { events } = await read({});
      const [sinceMs, untilMs] = [events[1]?.atMs, events[3]?.atMs];
      const oldest = await read({ sinceMs, untilMs, limit: 2 });
      expect([offsets(oldest), oldest.next]).toEqual([[2, 3], 4]);
      expect(offsets(await read({ sinceMs, untilMs, from: oldest.next }))).toEqual([4]);
      const newest = await read({ sinceMs, untilMs, limit: 2, direction: "backwards" });
      expect([offsets(newest), newest.next]).toEqual([[4, 3], 2]);
      expect(offsets(await read({ sinceMs, untilMs, from: 2, direction: "backwards" }))).toEqual([2]);
      expect(offsets(await read({ sinceMs }))).toEqual([2, 3, 4, 5]);
      expect(offsets(await read({ untilMs, limit: 1, direction: "backwards" }))).toEqual([4]);
      expect(offsets(await read({ untilMs: 1 }))).toEqual([]);
    });

    test("without a history the page is empty, and channels and apps are separate", async () => {
      await publish(first, "news", "a", bounds);
      const all = { direction: "backwards", from: null, limit: 10 } as const;
      for (const [app, channel] of [
        [appId, "sport"],
        ["2", "news"],
      ] as const)
        expect(await last.history(app, channel, bounds, all)).toMatchObject({
          position: null,
          events: [],
          next: null,
        });
    });
  });
}
