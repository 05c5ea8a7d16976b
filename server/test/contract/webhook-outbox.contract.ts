/** What every outbox must do, whatever it is made of. */
import { beforeEach, describe, expect, test } from "bun:test";
import type { WebhookHistory } from "../../src/core/ports/webhook-history.ts";
import type {
  Departure,
  DueDelivery,
  NewDelivery,
  Outcome,
  Turn,
  WebhookOutbox,
} from "../../src/core/ports/webhook-outbox.ts";
import type { WebhookStore } from "../../src/core/ports/webhook-store.ts";
import { someWebhook } from "./webhook-store.contract.ts";

export interface OutboxUnderTest {
  readonly outbox: WebhookOutbox;
  readonly history: WebhookHistory;
  readonly store: WebhookStore;
  /** The database's clock goes on by so much. */
  pass(ms: number): void;
}

export const durationMs = 15_000;
export const noAttempt = { atMs: 9, durationMs: 0, status: null, answer: "given up" };
export const all = { state: null, beforeSequence: null };

/** `open` gives an empty outbox each time it is called; the app 1 is there. */
export function webhookOutboxContract(open: () => Promise<OutboxUnderTest>): void {
  describe("webhook outbox", () => {
    let outbox: WebhookOutbox;
    let opened: OutboxUnderTest;
    let token: number;

    beforeEach(async () => {
      opened = await open();
      outbox = opened.outbox;
      token = (await outbox.lease({ nodeId: "a", token: null, durationMs })) ?? 0;
    });

    function write(deliveries: readonly NewDelivery[]): Promise<void> {
      const given = deliveries.map((one) => ({ ...one, returnOf: null }));
      return outbox.write({ deliveries: given, returns: [], departures: [], departureDelayMs: 0 });
    }

    function leave(...departures: readonly Departure[]): Promise<void> {
      return outbox.write({ deliveries: [], returns: [], departures, departureDelayMs: 3_000 });
    }

    async function dueIds(exceptChannels: readonly string[] = []): Promise<string[]> {
      return (await outbox.due("w1", exceptChannels, 100)).map(({ id }) => id);
    }

    function record(ids: readonly string[], outcome: Partial<Outcome> = {}): Promise<void> {
      const attempt = { atMs: 5, durationMs: 2, status: 500, answer: "no" };
      return outbox.record(token, [
        { deliveryIds: ids, state: "dead", attempt, retryAfterMs: 0, ...outcome },
      ]);
    }

    function sweep(): Promise<number> {
      return outbox.sweep(token, { deliveredBeforeMs: 0, deadBeforeMs: 0, keptPerWebhookMax: 1_000 });
    }

    test("deliveries are due in the order of writing, and what is written twice is there once", async () => {
      await write([delivery("d2"), delivery("d1", "other"), delivery("d3")]);
      await write([delivery("d2"), delivery("d4")]);
      expect(await dueIds()).toEqual(["d2", "d1", "d3", "d4"]);
      expect(await dueIds(["room"])).toEqual(["d1"]);
      expect((await outbox.due("w1", [], 2)).map(({ id }) => id)).toEqual(["d2", "d1"]);
      expect(await outbox.due("w2", [], 2)).toEqual([]);
    });

    test("a lane is closed while one of its deliveries waits for the next attempt, also to what is written then", async () => {
      await write([delivery("d1"), delivery("d2", "other"), delivery("d3")]);
      await record(["d1"], { state: "pending", retryAfterMs: 500 });
      await write([delivery("d4"), delivery("d5", "other")]);
      expect(await dueIds()).toEqual(["d2", "d5"]);
      expect(await outbox.dueInOneLane("w1", 10)).toEqual([]);
      opened.pass(500);
      expect(await dueIds()).toEqual(["d1", "d2", "d3", "d4", "d5"]);
      expect((await outbox.dueInOneLane("w1", 10)).map(({ id }) => id)).toEqual([
        "d1",
        "d2",
        "d3",
        "d4",
        "d5",
      ]);
      expect((await outbox.due("w1", [], 1))[0]?.attempts).toBe(1);
    });

    test("a return in time takes the departure with it, and the pair is never told", async () => {
      await leave(departure("k"));
      const back = { ...delivery("back"), returnOf: "k" };
      await outbox.write({ deliveries: [back], returns: [turn("k")], departures: [], departureDelayMs: 0 });
      opened.pass(3_000);
      expect(await outbox.dueDepartures(10)).toEqual([]);
      expect(await dueIds()).toEqual([]);
    });

    test("a return that undoes nothing is told", async () => {
      const back = { ...delivery("new"), returnOf: "k" };
      await outbox.write({ deliveries: [back], returns: [turn("k")], departures: [], departureDelayMs: 0 });
      expect(await dueIds()).toEqual(["new"]);
    });

    test("a return and a new departure of the same key in one write leave the departure", async () => {
      await leave(departure("k"));
      opened.pass(2_000);
      const back = { ...delivery("back"), returnOf: "k" };
      const departures = [departure("k")];
      await outbox.write({ deliveries: [back], returns: [turn("k")], departures, departureDelayMs: 3_000 });
      opened.pass(2_000);
      expect(await outbox.dueDepartures(10)).toEqual([]);
      opened.pass(1_000);
      expect((await outbox.dueDepartures(10)).map(({ key }) => key)).toEqual(["k"]);
      expect(await dueIds()).toEqual([]);
    });

    test("a return that is written after a later departure is told, and the departure stays", async () => {
      await leave(departure("k", 3));
      const back = { ...delivery("back"), returnOf: "k" };
      await outbox.write({
        deliveries: [back],
        returns: [turn("k", 2)],
        departures: [],
        departureDelayMs: 0,
      });
      expect(await dueIds()).toEqual(["back"]);
      opened.pass(3_000);
      expect(await outbox.dueDepartures(10)).toMatchObject([{ key: "k", revision: 3 }]);
    });

    test("of two departures the later one waits for its own delay, whichever is written last", async () => {
      await leave(departure("k", 2), departure("l", 1));
      opened.pass(2_000);
      await leave(departure("k", 1), departure("l", 3));
      opened.pass(1_000);
      expect(await outbox.dueDepartures(10)).toMatchObject([{ key: "k", revision: 2 }]);
      opened.pass(2_000);
      expect(await outbox.dueDepartures(10)).toMatchObject([
        { key: "k", revision: 2 },
        { key: "l", revision: 3 },
      ]);
    });

    test("a departure that a later one replaced meanwhile is not told yet", async () => {
      await leave(departure("k", 1));
      await leave(departure("k", 2));
      await outbox.settle(token, [{ ...turn("k", 1), deliveries: [delivery("early")] }]);
      expect(await dueIds()).toEqual([]);
      opened.pass(3_000);
      expect(await outbox.dueDepartures(10)).toMatchObject([{ key: "k", revision: 2 }]);
    });

    test("departures are due after their delay, in the order in which they happened and not in that of their keys", async () => {
      const keys = Array.from({ length: 450 }, (_, index) => `k${(index * 7_919) % 450}`);
      await leave(...keys.map((key) => departure(key)));
      expect(await outbox.dueDepartures(1_000)).toEqual([]);
      opened.pass(3_000);
      const due = await outbox.dueDepartures(1_000);
      expect(due.map(({ key }) => key)).toEqual(keys);
      expect(due[0]).toMatchObject(departure("k0"));
      expect(due[0]?.overdueMs).toBeGreaterThanOrEqual(0);
    });

    test("a departure that was undone meanwhile is not told, the others are, in order", async () => {
      await leave(departure("z"), departure("k"), departure("a"));
      await outbox.write({ deliveries: [], returns: [turn("k")], departures: [], departureDelayMs: 0 });
      await outbox.settle(
        token,
        ["z", "k", "a"].map((key) => ({ ...turn(key), deliveries: [delivery(`${key} is gone`)] })),
      );
      expect(await dueIds()).toEqual(["z is gone", "a is gone"]);
      opened.pass(3_000);
      expect(await outbox.dueDepartures(10)).toEqual([]);
    });

    test("members who left before their channel was vacated are due before it, even if another node wrote them later", async () => {
      const inRoom = { channel: "presence-room", userId: "u" };
      await leave({ ...departure("vacated", 7), ...inRoom, type: "channel_vacated" });
      opened.pass(2_000);
      await leave(
        { ...departure("late", 5), ...inRoom, type: "member_removed" },
        { ...departure("again", 9), ...inRoom, type: "member_removed" },
        { ...departure("other app's", 5), ...inRoom, appId: "2", type: "member_removed" },
      );
      opened.pass(1_000);
      const due = await outbox.dueDepartures(10);
      expect(due.map(({ key }) => key)).toEqual(["late", "vacated"]);
      await outbox.settle(
        token,
        due.map(({ key, revision }) => ({ key, revision, deliveries: [delivery(key)] })),
      );
      expect(await dueIds()).toEqual(["late", "vacated"]);
    });

    test("a change that is written up to a minute late changes nothing after a newer departure was sent", async () => {
      await leave(departure("k", 5), departure("l", 5), departure("m", 5));
      opened.pass(3_000);
      const settled = ["k", "l", "m"].map((key) => ({
        ...turn(key, 5),
        deliveries: [delivery(`${key} left`)],
      }));
      await outbox.settle(token, settled);
      opened.pass(55_000);
      await sweep();
      const back = (id: string, key: string) => ({ ...delivery(id), returnOf: key });
      await outbox.write({
        deliveries: [back("late", "k"), back("new", "m")],
        returns: [turn("k", 4), turn("m", 6)],
        departures: [departure("l", 3)],
        departureDelayMs: 0,
      });
      expect(await outbox.dueDepartures(10)).toEqual([]);
      await outbox.write({
        deliveries: [back("l again", "l")],
        returns: [turn("l", 6)],
        departures: [],
        departureDelayMs: 0,
      });
      // The sweep has deleted the events of the departures: there is no webhook w1.
      expect(await dueIds()).toEqual(["new", "l again"]);
      opened.pass(6_000);
      await sweep();
      await outbox.write({
        deliveries: [back("too late", "k")],
        returns: [turn("k", 4)],
        departures: [],
        departureDelayMs: 0,
      });
      expect(await dueIds()).toContain("too late");
    });

    test("a batch keeps its deliveries over retries, and is replayed whole", async () => {
      await write([delivery("d1"), delivery("d2", "other"), delivery("d3")]);
      const batch = { deliveryIds: ["d1", "d2", "d3"], messageId: "m", bytesMax: 4 };
      const claimed = await outbox.claimBatch(token, batch);
      expect(claimed.map(({ id, messageId, event }) => [id, messageId, event])).toEqual([
        ["d1", "m", "{}"],
        ["d2", "m", "{}"],
      ]);
      const [first] = await outbox.due("w1", [], 1);
      if (first === undefined) throw new Error("nothing is due");
      expect((await outbox.claim(token, first)).map(({ id }) => id)).toEqual(["d1", "d2"]);
      await record(["d1", "d2"]);
      expect(await outbox.claim(token, first)).toEqual([]);
      expect(await opened.history.replay("w1", "d3")).toBe(false);
      expect(await opened.history.replay("w2", "d1")).toBe(false);
      opened.pass(60_000);
      token = (await outbox.lease({ nodeId: "a", token, durationMs })) ?? 0;
      expect(await opened.history.replay("w1", "d1")).toBe(true);
      const replayed = await outbox.claim(token, first);
      expect(replayed.map(({ id, attempts }) => [id, attempts])).toEqual([
        ["d1", 0],
        ["d2", 0],
      ]);
      expect(replayed[0]?.waitedMs).toBeLessThan(30_000);
    });

    test("all deliveries that were given up are replayed, and no others", async () => {
      await write([delivery("d1"), delivery("d2", "other"), delivery("d3", "third")]);
      await record(["d1", "d2"], { state: "dead" });
      await record(["d3"], { state: "delivered" });
      expect(await opened.history.replayGivenUp("w2")).toBe(0);
      expect(await opened.history.replayGivenUp("w1")).toBe(2);
      expect((await outbox.due("w1", [], 10)).map(({ id, attempts }) => [id, attempts])).toEqual([
        ["d1", 0],
        ["d2", 0],
      ]);
      expect(await opened.history.replayGivenUp("w1")).toBe(0);
    });

    test("the first event of a batch goes out however long it is", async () => {
      await write([delivery("d1"), delivery("d2")]);
      const claimed = await outbox.claimBatch(token, {
        deliveryIds: ["d1", "d2"],
        messageId: "m",
        bytesMax: 1,
      });
      expect(claimed.map(({ id }) => id)).toEqual(["d1"]);
    });

    test("the history is the latest first, with the last answer and the next attempt", async () => {
      await write([delivery("d1"), delivery("d2", "other")]);
      await record(["d1"]);
      await record(["d2"], { state: "pending", retryAfterMs: 1_000 });
      const [second, first] = await opened.history.list("w1", all, 10);
      expect([second?.id, first?.id]).toEqual(["d2", "d1"]);
      expect(second?.nextAttemptAtMs).toBeGreaterThan(0);
      const [dead] = await opened.history.list("w1", { ...all, state: "dead" }, 10);
      expect(dead).toEqual(first);
      const lastAttempt = { atMs: 5, durationMs: 2, status: 500, answer: "no" };
      expect(dead).toMatchObject({ state: "dead", nextAttemptAtMs: null, lastAttempt });
      const beforeSequence = second?.sequence ?? 0;
      const older = await opened.history.list("w1", { ...all, beforeSequence }, 10);
      expect(older.map(({ id }) => id)).toEqual(["d1"]);
    });

    test("the backlog counts what is pending, and what waited too long is given up", async () => {
      await write([delivery("d1"), delivery("d2"), { ...delivery("d3"), webhookId: "w2" }]);
      expect((await outbox.webhooksWithPending()).sort()).toEqual(["w1", "w2"]);
      opened.pass(1_000);
      const [one, two] = (await outbox.backlog()).sort((a, b) => b.pending - a.pending);
      expect(one).toMatchObject({ webhookId: "w1", pending: 2 });
      expect(two).toMatchObject({ webhookId: "w2", pending: 1 });
      expect(one?.oldestWaitedMs).toBeGreaterThanOrEqual(1_000);
      expect(one?.oldestWaitedMs).toBeLessThan(30_000);
      expect(await outbox.expire(token, "w1", 30_000, noAttempt)).toBe(0);
      expect(await outbox.expire(token, "w1", 999, noAttempt)).toBe(2);
      expect((await outbox.backlog()).map(({ webhookId }) => webhookId)).toEqual(["w2"]);
      expect(await outbox.webhooksWithPending()).toEqual(["w2"]);
    });

    test("what is given up keeps the answer that it got, and gets the reason where it got none", async () => {
      await write([delivery("d1", "room"), delivery("d2", "hall")]);
      await record(["d1"], { state: "pending", retryAfterMs: 9 });
      opened.pass(1_000);
      await outbox.expire(token, "w1", 999, noAttempt);
      const dead = await opened.history.list("w1", { ...all, state: "dead" }, 10);
      expect(dead.map(({ lastAttempt }) => lastAttempt?.answer)).toEqual(["given up", "no"]);
      await record(["d1"], { state: "pending" });
      expect(await dueIds()).toEqual([]);
      await record(["d1"], { state: "delivered" });
      expect(await opened.history.list("w1", { ...all, state: "delivered" }, 10)).toHaveLength(1);
    });

    test("a webhook's tally says what waits, what was given up and when it last went well", async () => {
      const other = { ...delivery("d9"), webhookId: "w2" };
      await write([delivery("d1"), delivery("d2"), delivery("d3"), delivery("d4", "hall"), other]);
      await record(["d1"]);
      await record(["d2"], { state: "delivered", attempt: { ...noAttempt, atMs: 8 } });
      await record(["d3"], { state: "pending", retryAfterMs: 60_000 });
      const tally = { webhookId: "w1", waiting: 2, givenUp: 1, lastDeliveredAtMs: 8 };
      const single = { id: "w1", isBatching: false };
      expect(await opened.history.tally(single)).toMatchObject({ ...tally, nextAttemptAtMs: null });
      const batching = await opened.history.tally({ id: "w1", isBatching: true });
      expect((batching.nextAttemptAtMs ?? 0) - (batching.waitingSinceMs ?? 0)).toBeGreaterThanOrEqual(60_000);
      await record(["d4"], { state: "pending", retryAfterMs: 90_000 });
      expect((await opened.history.tally(single)).nextAttemptAtMs).toBe(batching.nextAttemptAtMs);
      const none = await opened.history.tally({ id: "none", isBatching: false });
      expect(none).toMatchObject({ waiting: 0, waitingSinceMs: null, nextAttemptAtMs: null, givenUp: 0 });
    });

    test("the webhooks with deliveries that were given up are known until those are replayed", async () => {
      await opened.store.create(someWebhook, 1);
      await write([delivery("d1"), delivery("d2")]);
      expect(await opened.history.givenUp()).toEqual(new Set());
      await record(["d1"]);
      expect(await opened.history.givenUp()).toEqual(new Set([someWebhook.id]));
      await opened.history.replay(someWebhook.id, "d1");
      expect(await opened.history.givenUp()).toEqual(new Set());
    });

    test("what is finished is deleted by age and by number, and what has no webhook at once", async () => {
      await opened.store.create(someWebhook, 1);
      const ids = Array.from({ length: 1_203 }, (_, index) => `d${index}`);
      await write([...ids.map((id) => delivery(id)), { ...delivery("of none"), webhookId: "none" }]);
      await record(ids.slice(0, 1_202));
      const retention = { deliveredBeforeMs: 100, deadBeforeMs: 0, keptPerWebhookMax: 1_202 };
      expect(await outbox.sweep(token, retention)).toBe(1);
      expect(await outbox.sweep(token, { ...retention, keptPerWebhookMax: 1 })).toBe(1_201);
      expect((await opened.history.list("w1", { ...all, state: "dead" }, 10)).map(({ id }) => id)).toEqual([
        "d1201",
      ]);
      expect(await outbox.sweep(token, { ...retention, deadBeforeMs: 100 })).toBe(1);
      expect(await dueIds()).toEqual(["d1202"]);
    });

    test("waits that were planned before the clock was set back end, and others do not", async () => {
      await write([delivery("d1"), delivery("d2", "hall")]);
      await leave(departure("k"));
      await record(["d1"], { state: "pending", retryAfterMs: 1_000 });
      opened.pass(-3_600_000);
      token = (await outbox.lease({ nodeId: "a", token, durationMs })) ?? 0;
      await leave(departure("l"));
      await record(["d2"], { state: "pending", retryAfterMs: 60_000 });
      await outbox.endWaitsBeyond(token, { retryMs: 300_000, departureMs: 3_000 });
      expect(await dueIds()).toEqual(["d1"]);
      expect((await outbox.dueDepartures(10)).map(({ key }) => key)).toEqual(["k"]);
      const [first] = await outbox.due("w1", [], 1);
      expect((await outbox.claim(token, first as DueDelivery))[0]?.waitedMs).toBeGreaterThanOrEqual(0);
    });
  });
}

export function delivery(id: string, channel = "room"): NewDelivery {
  return { id, webhookId: "w1", type: "channel_occupied", channel, event: "{}", createdAtMs: 1 };
}

/** What happened to `key` as the change with this revision. */
export function turn(key: string, revision = 1): Turn {
  return { key, revision };
}

export function departure(key: string, revision = 1): Departure {
  return {
    ...turn(key, revision),
    ...{
      appId: "1",
      type: "channel_vacated",
      channel: "room",
      userId: null,
      event: "{}",
      createdAtMs: 1,
    },
  };
}
