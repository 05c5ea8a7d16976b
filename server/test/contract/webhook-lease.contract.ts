/** The contract of every outbox about the lease of delivery and its tokens. */
import { beforeEach, describe, expect, test } from "bun:test";
import { type DueDelivery, LeaseLost, type WebhookOutbox } from "../../src/core/ports/webhook-outbox.ts";
import {
  all,
  delivery,
  departure,
  durationMs,
  noAttempt,
  type OutboxUnderTest,
  turn,
} from "./webhook-outbox-stage.ts";
import { someWebhook } from "./webhook-store.contract.ts";

const outcome = { deliveryIds: ["d1"], state: "delivered", attempt: noAttempt, retryAfterMs: 0 } as const;

/** @param open returns an empty outbox, new at each call; app 1 exists */
export function webhookLeaseContract(open: () => Promise<OutboxUnderTest>): void {
  describe("lease of a webhook outbox", () => {
    let outbox: WebhookOutbox;
    let opened: OutboxUnderTest;
    let token: number;

    beforeEach(async () => {
      opened = await open();
      outbox = opened.outbox;
      token = (await outbox.lease({ nodeId: "a", token: null, durationMs })) ?? 0;
    });

    function write(): Promise<void> {
      const deliveries = [{ ...delivery("d1"), returnOf: null }];
      return outbox.write({ deliveries, returns: [], departures: [], departureDelayMs: 0 });
    }

    function leave(): Promise<void> {
      const departures = [departure("k")];
      return outbox.write({ deliveries: [], returns: [], departures, departureDelayMs: 3_000 });
    }

    test("one node has the lease, keeps its token when renewing it, and releases it", async () => {
      expect(await outbox.lease({ nodeId: "b", token: null, durationMs })).toBeNull();
      opened.pass(10_000);
      expect(await outbox.lease({ nodeId: "a", token, durationMs })).toBe(token);
      opened.pass(10_000);
      expect(await outbox.lease({ nodeId: "b", token: null, durationMs })).toBeNull();
      opened.pass(5_000);
      const next = await outbox.lease({ nodeId: "b", token: null, durationMs });
      expect(next).toBeGreaterThan(token);
      expect(await outbox.lease({ nodeId: "a", token, durationMs })).toBeNull();
      await outbox.endLease(token);
      expect(await outbox.lease({ nodeId: "a", token, durationMs })).toBeNull();
      await outbox.endLease(next ?? 0);
      expect(await outbox.lease({ nodeId: "a", token, durationMs })).toBeGreaterThan(next ?? 0);
    });

    test("a restarted node need not wait for its own lease, and its previous process has lost it", async () => {
      const next = await outbox.lease({ nodeId: "a", token: null, durationMs });
      expect(next).toBeGreaterThan(token);
      expect(await outbox.lease({ nodeId: "a", token, durationMs })).toBeNull();
    });

    test("a lease that was taken before the clock was set back does not last for longer than a lease", async () => {
      opened.pass(-3_600_000);
      expect(await outbox.lease({ nodeId: "b", token: null, durationMs })).toBeGreaterThan(token);
    });

    test("calls with an old token claim, record, send, expire and delete nothing", async () => {
      await opened.store.create(someWebhook, 1);
      await write();
      await leave();
      const [due] = await outbox.due("w1", [], 1);
      opened.pass(durationMs);
      await outbox.lease({ nodeId: "b", token: null, durationMs });
      const before = [await opened.history.list("w1", all, 10), await outbox.dueDepartures(10)];
      for (const call of [
        () => outbox.claim(token, due as DueDelivery),
        () => outbox.claimBatch(token, { deliveryIds: ["d1"], messageId: "m", bytesMax: 100 }),
        () => outbox.record(token, [outcome]),
        () => outbox.settle(token, [{ ...turn("k"), deliveries: [delivery("k is gone")] }]),
        () => outbox.expire(token, "w1", -1, noAttempt),
        () => outbox.endWaitsBeyond(token, { retryMs: -9_999, departureMs: -9_999 }),
        () => outbox.sweep(token, { deliveredBeforeMs: 99, deadBeforeMs: 99, keptPerWebhookMax: 0 }),
      ])
        await expect(call()).rejects.toThrow(LeaseLost);
      expect(await opened.history.list("w1", all, 10)).toEqual(before[0] as never);
      expect((await outbox.dueDepartures(10)).map(({ key }) => key)).toEqual(["k"]);
    });

    test("an expired lease claims nothing, even if no other node has taken it", async () => {
      await write();
      const [due] = await outbox.due("w1", [], 1);
      opened.pass(durationMs);
      await expect(outbox.claim(token, due as DueDelivery)).rejects.toThrow(LeaseLost);
    });
  });
}
