/**
 * A part of the conformance suite against several nodes. CONTRIBUTING.md describes how to run all of it with any number.
 */
import { expect, setDefaultTimeout, test } from "bun:test";
import { fileURLToPath } from "node:url";

const repository = fileURLToPath(new URL("../../../", import.meta.url));

setDefaultTimeout(240_000);

test("presence, users, channels and queries conform on three nodes, with clients on each of them", () =>
  conforms(3, "presence", "users", "channels", "http-queries"));

test("clients without WebSocket need no sticky balancer", () => conforms(2, "http-fallbacks"));

async function conforms(nodeCount: number, ...names: readonly string[]): Promise<void> {
  const files = names.map((name) => `./server/test/conformance/${name}.test.ts`);
  const run = Bun.spawn([process.execPath, "test", "--timeout=60000", ...files], {
    cwd: repository,
    env: { ...process.env, TEST_CLUSTER_NODES: String(nodeCount), NO_COLOR: "1" },
    stdout: "pipe",
    stderr: "pipe",
  });
  const [printed] = await Promise.all([new Response(run.stderr).text(), new Response(run.stdout).text()]);
  if ((await run.exited) !== 0) throw new Error(printed);
  expect(printed).toMatch(/^ *[1-9]\d* pass$/m);
}
