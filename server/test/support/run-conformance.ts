/** Runs files of the conformance suite in a process of its own, because its environment decides how they run. */
import { expect } from "bun:test";
import { fileURLToPath } from "node:url";
import type { FallbackTransport } from "./fallback-client.ts";

const repository = fileURLToPath(new URL("../../../", import.meta.url));

interface ConformanceRun {
  readonly nodes?: number;
  /** Without it clients use WebSocket. */
  readonly transport?: FallbackTransport;
}

/** @param names of files, without `.test.ts`. @throws an error with the output of the run, if a test failed */
export async function conforms(
  { nodes = 1, transport }: ConformanceRun,
  ...names: readonly string[]
): Promise<void> {
  const files = names.map((name) => `./server/test/conformance/${name}.test.ts`);
  const run = Bun.spawn([process.execPath, "test", "--timeout=60000", ...files], {
    cwd: repository,
    env: { ...process.env, TEST_CLUSTER_NODES: String(nodes), TEST_TRANSPORT: transport, NO_COLOR: "1" },
    stdout: "pipe",
    stderr: "pipe",
  });
  const [printed] = await Promise.all([new Response(run.stderr).text(), new Response(run.stdout).text()]);
  if ((await run.exited) !== 0) throw new Error(printed);
  expect(printed).toMatch(/^ *[1-9]\d* pass$/m);
}
