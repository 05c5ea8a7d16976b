/** The contract of every webhook outbox. */
import { beforeEach, describe, expect, test } from "bun:test";
import type { DueDelivery } from "../../src/core/ports/webhook-outbox.ts";
import {
  all,
  delivery,
  departure,
  noAttempt,
  OutboxStage,
  type OutboxUnderTest,
} from "./webhook-outbox-stage.ts";
import { someWebhook } from "./webhook-store.contract.ts";

/** @param open returns an empty outbox, new at each call; app 1 exists */
export function webhookOutboxContract(open: () => Promise<OutboxUnderTest>): void {
  describe("webhook outbox", () => {
    let stage: OutboxStage;

    beforeEach(async () => {
      stage = new OutboxStage(await open());
      await stage.renewLease();
    });

    test("deliveries are due in the order of writing, and writing one twice stores it once", async () => {
      await stage.write([delivery("d2"), delivery("d1", "other"), delivery("d3")]);
      await stage.write([delivery("d2"), delivery("d4")]);
      expect(await stage.dueIds()).toEqual(["d2", "d1", "d3", "d4"]);
      expect(await stage.dueIds(["room"])).toEqual(["d1"]);
      expect((await stage.outbox.due("w1", [], 2)).map(({ id }) => id)).toEqual(["d2", "d1"]);
      expect(await stage.outbox.due("w2", [], 2)).toEqual([]);
    });

    test("a lane is closed while one of its deliveries waits for the next attempt, also for new deliveries", async () => {
      await stage.write([delivery("d1"), delivery("d2", "other"), delivery("d3")]);
      await stage.record(["d1"], { state: "pending", retryAfterMs: 500 });
      await stage.write([delivery("d4"), delivery("d5", "other")]);
      expect(await stage.dueIds()).toEqual(["d2", "d5"]);
      expect(await stage.outbox.dueInOneLane("w1", 10)).toEqual([]);
      stage.pass(500);
      expect(await stage.dueIds()).toEqual(["d1", "d2", "d3", "d4", "d5"]);
      expect((await stage.outbox.dueInOneLane("w1", 10)).map(({ id }) => id)).toEqual([
        "d1",
        "d2",
        "d3",
        "d4",
        "d5",
      ]);
      expect((await stage.outbox.due("w1", [], 1))[0]?.attempts).toBe(1);
    });

    test("a batch keeps its deliveries over retries, and is replayed as a whole", async () => {
      await stage.write([delivery("d1"), delivery("d2", "other"), delivery("d3")]);
      const batch = { deliveryIds: ["d1", "d2", "d3"], messageId: "m", bytesMax: 4 };
      const claimed = await stage.outbox.claimBatch(stage.token, batch);
      expect(claimed.map(({ id, messageId, event }) => [id, messageId, event])).toEqual([
        ["d1", "m", "{}"],
        ["d2", "m", "{}"],
      ]);
      const [first] = await stage.outbox.due("w1", [], 1);
      if (first === undefined) throw new Error("nothing is due");
      expect((await stage.outbox.claim(stage.token, first)).map(({ id }) => id)).toEqual(["d1", "d2"]);
      await stage.record(["d1", "d2"]);
      expect(await stage.outbox.claim(stage.token, first)).toEqual([]);
      expect(await stage.history.replay("w1", "d3")).toBe(false);
      expect(await stage.history.replay("w2", "d1")).toBe(false);
      stage.pass(60_000);
      await stage.renewLease();
      expect(await stage.history.replay("w1", "d1")).toBe(true);
      const replayed = await stage.outbox.claim(stage.token, first);
      expect(replayed.map(({ id, attempts }) => [id, attempts])).toEqual([
        ["d1", 0],
        ["d2", 0],
      ]);
      expect(replayed[0]?.waitedMs).toBeLessThan(30_000);
    });

    test("all deliveries that were given up are replayed, and no others", async () => {
      await stage.write([delivery("d1"), delivery("d2", "other"), delivery("d3", "third")]);
      await stage.record(["d1", "d2"], { state: "dead" });
      await stage.record(["d3"], { state: "delivered" });
      expect(await stage.history.replayGivenUp("w2")).toBe(0);
      expect(await stage.history.replayGivenUp("w1")).toBe(2);
      expect((await stage.outbox.due("w1", [], 10)).map(({ id, attempts }) => [id, attempts])).toEqual([
        ["d1", 0],
        ["d2", 0],
      ]);
      expect(await stage.history.replayGivenUp("w1")).toBe(0);
    });

    test("the first event of a batch is claimed even if it exceeds the limit", async () => {
      await stage.write([delivery("d1"), delivery("d2")]);
      const claimed = await stage.outbox.claimBatch(stage.token, {
        deliveryIds: ["d1", "d2"],
        messageId: "m",
        bytesMax: 1,
      });
      expect(claimed.map(({ id }) => id)).toEqual(["d1"]);
    });

    test("the history is sorted newest first, with the last answer and the next attempt", async () => {
      await stage.write([delivery("d1"), delivery("d2", "other")]);
      await stage.record(["d1"]);
      await stage.record(["d2"], { state: "pending", retryAfterMs: 1_000 });
      const [second, first] = await stage.history.list("w1", all, 10);
      expect([second?.id, first?.id]).toEqual(["d2", "d1"]);
      expect(second?.nextAttemptAtMs).toBeGreaterThan(0);
      const [dead] = await stage.history.list("w1", { ...all, state: "dead" }, 10);
      expect(dead).toEqual(first);
      const lastAttempt = { atMs: 5, durationMs: 2, status: 500, answer: "no" };
      expect(dead).toMatchObject({ state: "dead", nextAttemptAtMs: null, lastAttempt });
      const beforeSequence = second?.sequence ?? 0;
      const older = await stage.history.list("w1", { ...all, beforeSequence }, 10);
      expect(older.map(({ id }) => id)).toEqual(["d1"]);
    });

    test("the backlog counts pending deliveries, and deliveries that waited too long are given up", async () => {
      await stage.write([delivery("d1"), delivery("d2"), { ...delivery("d3"), webhookId: "w2" }]);
      expect((await stage.outbox.webhooksWithPending()).sort()).toEqual(["w1", "w2"]);
      stage.pass(1_000);
      const [one, two] = (await stage.outbox.backlog()).sort((a, b) => b.pending - a.pending);
      expect(one).toMatchObject({ webhookId: "w1", pending: 2 });
      expect(two).toMatchObject({ webhookId: "w2", pending: 1 });
      expect(one?.oldestWaitedMs).toBeGreaterThanOrEqual(1_000);
      expect(one?.oldestWaitedMs).toBeLessThan(30_000);
      expect(await stage.outbox.expire(stage.token, "w1", 30_000, noAttempt)).toBe(0);
      expect(await stage.outbox.expire(stage.token, "w1", 999, noAttempt)).toBe(2);
      expect((await stage.outbox.backlog()).map(({ webhookId }) => webhookId)).toEqual(["w2"]);
      expect(await stage.outbox.webhooksWithPending()).toEqual(["w2"]);
    });

    test("a given-up delivery keeps its last answer, or gets the reason if it had no answer", async () => {
      await stage.write([delivery("d1", "room"), delivery("d2", "hall")]);
      await stage.record(["d1"], { state: "pending", retryAfterMs: 9 });
      stage.pass(1_000);
      await stage.outbox.expire(stage.token, "w1", 999, noAttempt);
      const dead = await stage.history.list("w1", { ...all, state: "dead" }, 10);
      expect(dead.map(({ lastAttempt }) => lastAttempt?.answer)).toEqual(["given up", "no"]);
      await stage.record(["d1"], { state: "pending" });
      expect(await stage.dueIds()).toEqual([]);
      await stage.record(["d1"], { state: "delivered" });
      expect(await stage.history.list("w1", { ...all, state: "delivered" }, 10)).toHaveLength(1);
    });

    test("a webhook's tally counts waiting and given-up deliveries, and has the time of the last success", async () => {
      const other = { ...delivery("d9"), webhookId: "w2" };
      await stage.write([delivery("d1"), delivery("d2"), delivery("d3"), delivery("d4", "hall"), other]);
      await stage.record(["d1"]);
      await stage.record(["d2"], { state: "delivered", attempt: { ...noAttempt, atMs: 8 } });
      await stage.record(["d3"], { state: "pending", retryAfterMs: 60_000 });
      const tally = { webhookId: "w1", waiting: 2, givenUp: 1, lastDeliveredAtMs: 8 };
      const single = { id: "w1", isBatching: false };
      expect(await stage.history.tally(single)).toMatchObject({ ...tally, nextAttemptAtMs: null });
      const batching = await stage.history.tally({ id: "w1", isBatching: true });
      expect((batching.nextAttemptAtMs ?? 0) - (batching.waitingSinceMs ?? 0)).toBeGreaterThanOrEqual(60_000);
      await stage.record(["d4"], { state: "pending", retryAfterMs: 90_000 });
      expect((await stage.history.tally(single)).nextAttemptAtMs).toBe(batching.nextAttemptAtMs);
      const none = await stage.history.tally({ id: "none", isBatching: false });
      expect(none).toMatchObject({ waiting: 0, waitingSinceMs: null, nextAttemptAtMs: null, givenUp: 0 });
    });

    test("a webhook with given-up deliveries is listed until they are replayed", async () => {
      await stage.store.create(someWebhook, 1);
      await stage.write([delivery("d1"), delivery("d2")]);
      expect(await stage.history.givenUp()).toEqual(new Set());
      await stage.record(["d1"]);
      expect(await stage.history.givenUp()).toEqual(new Set([someWebhook.id]));
      await stage.history.replay(someWebhook.id, "d1");
      expect(await stage.history.givenUp()).toEqual(new Set());
    });

    test("finished deliveries are deleted by age and by number, and those without a webhook immediately", async () => {
      await stage.store.create(someWebhook, 1);
      const ids = Array.from({ length: 1_203 }, (_, index) => `d${index}`);
      await stage.write([...ids.map((id) => delivery(id)), { ...delivery("of none"), webhookId: "none" }]);
      await stage.record(ids.slice(0, 1_202));
      const retention = { deliveredBeforeMs: 100, deadBeforeMs: 0, keptPerWebhookMax: 1_202 };
      expect(await stage.outbox.sweep(stage.token, retention)).toBe(1);
      expect(await stage.outbox.sweep(stage.token, { ...retention, keptPerWebhookMax: 1 })).toBe(1_201);
      expect((await stage.history.list("w1", { ...all, state: "dead" }, 10)).map(({ id }) => id)).toEqual([
        "d1201",
      ]);
      expect(await stage.outbox.sweep(stage.token, { ...retention, deadBeforeMs: 100 })).toBe(1);
      expect(await stage.dueIds()).toEqual(["d1202"]);
    });

    test("delays from before the clock was set back end, and others do not", async () => {
      await stage.write([delivery("d1"), delivery("d2", "hall")]);
      await stage.leave(departure("k"));
      await stage.record(["d1"], { state: "pending", retryAfterMs: 1_000 });
      stage.pass(-3_600_000);
      await stage.renewLease();
      await stage.leave(departure("l"));
      await stage.record(["d2"], { state: "pending", retryAfterMs: 60_000 });
      await stage.outbox.endWaitsBeyond(stage.token, { retryMs: 300_000, departureMs: 3_000 });
      expect(await stage.dueIds()).toEqual(["d1"]);
      expect((await stage.outbox.dueDepartures(10)).map(({ key }) => key)).toEqual(["k"]);
      const [first] = await stage.outbox.due("w1", [], 1);
      expect(
        (await stage.outbox.claim(stage.token, first as DueDelivery))[0]?.waitedMs,
      ).toBeGreaterThanOrEqual(0);
    });
  });
}
