import { expect, test } from "bun:test";
import { AdminApiUnderTest } from "../../../test/support/admin-api.ts";
import { nodeReport } from "../../../test/support/fakes/node-health.ts";
import type { DepartedNode } from "../../core/ports/nodes.ts";

test("a node that was paused, swept and is back is listed once, as a living node", async () => {
  const server = new AdminApiUnderTest();
  const { nodes } = server.management;
  await nodes.start(() => nodeReport("node-a"));
  const gone = (id: string, name: string): DepartedNode => ({
    ...nodeReport(name),
    id,
    lastSeenAtMs: 1_000,
    goneAtMs: 1_000,
  });
  Object.assign(nodes, { departed: () => [gone(nodes.id, "node-a"), gone("another", "node-b")] });
  const listed = (await server.call("nodes", {})).nodes.map(({ name, state }) => [name, state]);
  expect(listed).toEqual([
    ["node-a", "serving"],
    ["node-b", "died"],
  ]);
});
