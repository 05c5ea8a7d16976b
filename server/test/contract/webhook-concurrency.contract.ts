/** Concurrent calls of several nodes on one outbox. */
import { describe, expect, test } from "bun:test";
import type { WebhookOutbox } from "../../src/core/ports/webhook-outbox.ts";
import { departure } from "./webhook-outbox-stage.ts";

const nodes = 6;
const writesEach = 40;
const keys = Array.from({ length: 60 }, (_, index) => `key-${index}`);

/** @param open returns one outbox for each node, over one empty database */
export function webhookConcurrencyContract(open: (nodes: number) => Promise<readonly WebhookOutbox[]>): void {
  describe("webhook outbox of many nodes", () => {
    test("240 writes that leave and return by the same keys, in any order, all succeed", async () => {
      const outboxes = await open(nodes);
      const leaseToken = await outboxes[0]?.lease({ nodeId: "n0", token: null, durationMs: 600_000 });
      let isWriting = true;
      const writes = outboxes.map(async (outbox, node) => {
        for (let number = 0; number < writesEach; number += 1) {
          const left = shuffled(node * 1_000 + number).slice(0, 20);
          const back = shuffled(node * 1_000 + number + 500).slice(0, 20);
          await outbox.write({
            deliveries: back.map((key) => delivery(`${node}-${number}-${key}`, key)),
            returns: back.map((key) => ({ key, revision: number })),
            departures: left.map((key) => departure(key, number)),
            departureDelayMs: 0,
          });
        }
      });
      const settling = settleAll(outboxes[0], leaseToken ?? 0, () => isWriting);
      const results = await Promise.allSettled(writes);
      isWriting = false;
      await settling;
      expect(results.filter(({ status }) => status === "rejected")).toEqual([]);
      expect(await outboxes[0]?.dueDepartures(1_000)).toEqual([]);
    });

    test("while webhooks are claimed, recorded and written concurrently, no call fails and nothing is sent twice", async () => {
      const outboxes = await open(nodes);
      const [deliverer] = outboxes;
      if (deliverer === undefined) throw new Error("no outbox");
      const token = (await deliverer.lease({ nodeId: "n0", token: null, durationMs: 600_000 })) ?? 0;
      const writes = outboxes.map(async (outbox, node) => {
        for (let number = 0; number < writesEach; number += 1)
          await outbox.write({
            deliveries: [{ ...delivery(`${node}-${number}`, `channel-${node}`), returnOf: null }],
            returns: [],
            departures: [],
            departureDelayMs: 0,
          });
      });
      const sent: string[] = [];
      while (sent.length < nodes * writesEach) {
        const due = await deliverer.dueInOneLane("w1", 20);
        if (due.length === 0) {
          await turn();
          continue;
        }
        const deliveryIds = due.map(({ id }) => id);
        const claimed = await deliverer.claimBatch(token, {
          deliveryIds,
          messageId: `m${sent.length}`,
          bytesMax: 9_999,
        });
        sent.push(...claimed.map(({ id }) => id));
        const attempt = { atMs: 0, durationMs: 1, status: 200, answer: "" };
        await deliverer.record(token, [{ deliveryIds, state: "delivered", attempt, retryAfterMs: 0 }]);
      }
      await Promise.all(writes);
      expect(new Set(sent).size).toBe(nodes * writesEach);
      for (let node = 0; node < nodes; node += 1) {
        const ofNode = sent.filter((id) => id.startsWith(`${node}-`));
        expect(ofNode).toEqual(Array.from({ length: writesEach }, (_, number) => `${node}-${number}`));
      }
    });
  });
}

async function settleAll(
  outbox: WebhookOutbox | undefined,
  token: number,
  isWriting: () => boolean,
): Promise<void> {
  for (;;) {
    const wasWriting = isWriting();
    const due = (await outbox?.dueDepartures(30)) ?? [];
    if (due.length === 0 && !wasWriting) return;
    await turn();
    await outbox?.settle(
      token,
      due.map(({ key, revision }) => ({ key, revision, deliveries: [] })),
    );
  }
}

/** An embedded database answers synchronously: without this pause, other callers would never run. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** The keys in an order that depends only on the seed. */
function shuffled(seed: number): string[] {
  let state = seed + 1;
  const next = () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state;
  };
  return keys
    .map((key) => ({ key, rank: next() }))
    .sort((one, other) => one.rank - other.rank)
    .map(({ key }) => key);
}

function delivery(id: string, channel: string) {
  return {
    id,
    webhookId: "w1",
    type: "channel_occupied",
    channel,
    event: "{}",
    createdAtMs: 0,
    cause: null,
    returnOf: channel as string | null,
  };
}
