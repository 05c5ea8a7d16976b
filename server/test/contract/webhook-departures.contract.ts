/** The contract of every webhook outbox about departures and returns. */
import { beforeEach, describe, expect, test } from "bun:test";
import { delivery, departure, OutboxStage, type OutboxUnderTest, turn } from "./webhook-outbox-stage.ts";

/** @param open returns an empty outbox, new at each call; app 1 exists */
export function webhookDeparturesContract(open: () => Promise<OutboxUnderTest>): void {
  describe("departures of a webhook outbox", () => {
    let stage: OutboxStage;

    beforeEach(async () => {
      stage = new OutboxStage(await open());
      await stage.renewLease();
    });

    test("a return in time cancels its departure, and neither is delivered", async () => {
      await stage.leave(departure("k"));
      const back = { ...delivery("back"), returnOf: "k" };
      await stage.outbox.write({
        deliveries: [back],
        returns: [turn("k")],
        departures: [],
        departureDelayMs: 0,
      });
      stage.pass(3_000);
      expect(await stage.outbox.dueDepartures(10)).toEqual([]);
      expect(await stage.dueIds()).toEqual([]);
    });

    test("a return without a pending departure is delivered", async () => {
      const back = { ...delivery("new"), returnOf: "k" };
      await stage.outbox.write({
        deliveries: [back],
        returns: [turn("k")],
        departures: [],
        departureDelayMs: 0,
      });
      expect(await stage.dueIds()).toEqual(["new"]);
    });

    test("after a write with a return and a new departure of one key, the departure is pending", async () => {
      await stage.leave(departure("k"));
      stage.pass(2_000);
      const back = { ...delivery("back"), returnOf: "k" };
      const departures = [departure("k")];
      await stage.outbox.write({
        deliveries: [back],
        returns: [turn("k")],
        departures,
        departureDelayMs: 3_000,
      });
      stage.pass(2_000);
      expect(await stage.outbox.dueDepartures(10)).toEqual([]);
      stage.pass(1_000);
      expect((await stage.outbox.dueDepartures(10)).map(({ key }) => key)).toEqual(["k"]);
      expect(await stage.dueIds()).toEqual([]);
    });

    test("a return that is older than the pending departure is delivered, and the departure stays", async () => {
      await stage.leave(departure("k", 3));
      const back = { ...delivery("back"), returnOf: "k" };
      await stage.outbox.write({
        deliveries: [back],
        returns: [turn("k", 2)],
        departures: [],
        departureDelayMs: 0,
      });
      expect(await stage.dueIds()).toEqual(["back"]);
      stage.pass(3_000);
      expect(await stage.outbox.dueDepartures(10)).toMatchObject([{ key: "k", revision: 3 }]);
    });

    test("of two departures with one key the later one waits for its own delay, in either order of writing", async () => {
      await stage.leave(departure("k", 2), departure("l", 1));
      stage.pass(2_000);
      await stage.leave(departure("k", 1), departure("l", 3));
      stage.pass(1_000);
      expect(await stage.outbox.dueDepartures(10)).toMatchObject([{ key: "k", revision: 2 }]);
      stage.pass(2_000);
      expect(await stage.outbox.dueDepartures(10)).toMatchObject([
        { key: "k", revision: 2 },
        { key: "l", revision: 3 },
      ]);
    });

    test("a departure that was replaced by a later one is not settled early", async () => {
      await stage.leave(departure("k", 1));
      await stage.leave(departure("k", 2));
      await stage.outbox.settle(stage.token, [{ ...turn("k", 1), deliveries: [delivery("early")] }]);
      expect(await stage.dueIds()).toEqual([]);
      stage.pass(3_000);
      expect(await stage.outbox.dueDepartures(10)).toMatchObject([{ key: "k", revision: 2 }]);
    });

    test("departures are due after their delay, in the order of their revisions, not of their keys", async () => {
      const keys = Array.from({ length: 450 }, (_, index) => `k${(index * 7_919) % 450}`);
      await stage.leave(...keys.map((key) => departure(key)));
      expect(await stage.outbox.dueDepartures(1_000)).toEqual([]);
      stage.pass(3_000);
      const due = await stage.outbox.dueDepartures(1_000);
      expect(due.map(({ key }) => key)).toEqual(keys);
      expect(due[0]).toMatchObject(departure("k0"));
      expect(due[0]?.overdueMs).toBeGreaterThanOrEqual(0);
    });

    test("a cancelled departure is not delivered; the others are, in order", async () => {
      await stage.leave(departure("z"), departure("k"), departure("a"));
      await stage.outbox.write({ deliveries: [], returns: [turn("k")], departures: [], departureDelayMs: 0 });
      await stage.outbox.settle(
        stage.token,
        ["z", "k", "a"].map((key) => ({ ...turn(key), deliveries: [delivery(`${key} is gone`)] })),
      );
      expect(await stage.dueIds()).toEqual(["z is gone", "a is gone"]);
      stage.pass(3_000);
      expect(await stage.outbox.dueDepartures(10)).toEqual([]);
    });

    test("members who left before their channel was vacated are due before it, even if written later", async () => {
      const inRoom = { channel: "presence-room", userId: "u" };
      await stage.leave({ ...departure("vacated", 7), ...inRoom, type: "channel_vacated" });
      stage.pass(2_000);
      await stage.leave(
        { ...departure("late", 5), ...inRoom, type: "member_removed" },
        { ...departure("again", 9), ...inRoom, type: "member_removed" },
        { ...departure("other app's", 5), ...inRoom, appId: "2", type: "member_removed" },
      );
      stage.pass(1_000);
      const due = await stage.outbox.dueDepartures(10);
      expect(due.map(({ key }) => key)).toEqual(["late", "vacated"]);
      await stage.outbox.settle(
        stage.token,
        due.map(({ key, revision }) => ({ key, revision, deliveries: [delivery(key)] })),
      );
      expect(await stage.dueIds()).toEqual(["late", "vacated"]);
    });

    test("a change that is written up to a minute late has no effect after a newer departure was sent", async () => {
      await stage.leave(departure("k", 5), departure("l", 5), departure("m", 5));
      stage.pass(3_000);
      const settled = ["k", "l", "m"].map((key) => ({
        ...turn(key, 5),
        deliveries: [delivery(`${key} left`)],
      }));
      await stage.outbox.settle(stage.token, settled);
      stage.pass(55_000);
      await stage.sweep();
      const back = (id: string, key: string) => ({ ...delivery(id), returnOf: key });
      await stage.outbox.write({
        deliveries: [back("late", "k"), back("new", "m")],
        returns: [turn("k", 4), turn("m", 6)],
        departures: [departure("l", 3)],
        departureDelayMs: 0,
      });
      expect(await stage.outbox.dueDepartures(10)).toEqual([]);
      await stage.outbox.write({
        deliveries: [back("l again", "l")],
        returns: [turn("l", 6)],
        departures: [],
        departureDelayMs: 0,
      });
      // The sweep has deleted the events of the departures: there is no webhook w1.
      expect(await stage.dueIds()).toEqual(["new", "l again"]);
      stage.pass(6_000);
      await stage.sweep();
      await stage.outbox.write({
        deliveries: [back("too late", "k")],
        returns: [turn("k", 4)],
        departures: [],
        departureDelayMs: 0,
      });
      expect(await stage.dueIds()).toContain("too late");
    });
  });
}
