import { expect, test } from "bun:test";
import { fakeAllNodes } from "../../test/support/fakes/fake-all-nodes.ts";
import { noStats, type UnsavedStats } from "../core/ports/stats-store.ts";
import { createReadStats } from "./read-stats.ts";

const minuteMs = 60_000;
const counted = (connections: number, connectionsPeak = connections): UnsavedStats => ({
  savedCount: 0,
  minutes: [{ startMs: 0, ...noStats, connections, connectionsPeak, messagesIn: connections }],
});

test("the running minutes of all nodes are summed, and an hour has the peak of all of them together", async () => {
  const nodes = fakeAllNodes(["b"], () => ({
    answers: [{ nodeId: "id-b", answer: counted(4) }],
    silent: [],
  }));
  const stored = { startMs: 0, ...noStats, connections: 6, connectionsPeak: 6, messagesIn: 100 };
  const read = createReadStats({ series: async () => [stored] }, async () => counted(3), nodes);
  expect((await read("1", "minute", 0, minuteMs)).points).toEqual([
    { ...stored, connections: 13, connectionsPeak: 13, messagesIn: 107 },
  ]);
  expect((await read("1", "hour", 0, minuteMs)).points).toEqual([
    { ...stored, connectionsPeak: 7, messagesIn: 107 },
  ]);
});

test("a client that moves to another node is not counted twice in the peak", async () => {
  const nodes = fakeAllNodes(["b"], () => ({
    answers: [{ nodeId: "id-b", answer: counted(12) }],
    silent: [],
  }));
  const read = createReadStats({ series: async () => [] }, async () => counted(0, 12), nodes);
  for (const resolution of ["minute", "hour"] as const)
    expect((await read("1", resolution, 0, minuteMs)).points).toMatchObject([{ connectionsPeak: 12 }]);
});

test("a minute that another node saves while the store is read is counted once", async () => {
  let isSaved = false;
  const nodes = fakeAllNodes(["b"], () => ({
    answers: [{ nodeId: "id-b", answer: isSaved ? { savedCount: 1, minutes: [] } : counted(4) }],
    silent: [],
  }));
  const series = async () => {
    const before = isSaved;
    isSaved = true;
    return before ? [{ startMs: 0, ...noStats, connectionsPeak: 4, messagesIn: 4 }] : [];
  };
  const read = createReadStats({ series }, async () => ({ savedCount: 0, minutes: [] }), nodes);
  expect((await read("1", "minute", 0, minuteMs)).points).toMatchObject([{ messagesIn: 4 }]);
});

test("a node that does not answer is named", async () => {
  const nodes = fakeAllNodes(["b"], () => ({ answers: [], silent: ["id-b"] }));
  const read = createReadStats({ series: async () => [] }, async () => counted(3), nodes);
  expect(await read("1", "minute", 0, minuteMs)).toMatchObject({
    points: [{ messagesIn: 3 }],
    unanswered: [{ id: "id-b", name: "node-b" }],
  });
});
