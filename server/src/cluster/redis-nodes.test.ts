import { expect, test } from "bun:test";
import { FakeClock } from "../../test/support/fakes/fake-clock.ts";
import { nodeReport } from "../../test/support/fakes/node-health.ts";
import { RedisKeys } from "./redis-keys.ts";
import type { RedisLink } from "./redis-link.ts";
import { RedisNodes } from "./redis-nodes.ts";

const hourMs = 3_600_000;
const settled = () => new Promise((resolve) => setImmediate(resolve));
const report = nodeReport();

/** A node in front of a Redis that has only the hash of departed nodes. */
function open(departed: Map<string, string>) {
  const clock = new FakeClock();
  const keys = new RedisKeys("t:");
  const link = {
    nodeId: "here",
    keys,
    isUp: true,
    onUp: () => undefined,
    run: async () => "",
    async send(_: string, [command, key, ...fields]: readonly string[]) {
      if (command === "HGETALL") return key === keys.departed ? [...departed].flat() : [];
      if (command === "HDEL") for (const field of fields) departed.delete(field);
      return "OK";
    },
  };
  return { clock, nodes: new RedisNodes(link as unknown as RedisLink, clock) };
}

test("a node that stopped or died is listed for an hour, and then forgotten", async () => {
  const departed = new Map<string, string>();
  const { clock, nodes } = open(departed);
  const stored = { ...report, connections: {}, messagesLastMinute: {}, topics: [], sequence: 1 };
  for (const [id, isDraining] of Object.entries({ stopped: true, died: false }))
    departed.set(id, JSON.stringify({ ...stored, isDraining, goneAtMs: clock.now() }));
  await nodes.start(() => report);
  clock.advance(hourMs);
  await settled();
  expect(nodes.departed().map(({ id, isDraining }) => [id, isDraining])).toEqual([
    ["stopped", true],
    ["died", false],
  ]);
  expect(departed.size).toBe(2);
  for (let second = 0; second < 2; second++) {
    clock.advance(1_000);
    await settled();
  }
  expect([nodes.departed(), departed.size]).toEqual([[], 0]);
});
