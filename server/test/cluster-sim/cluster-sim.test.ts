/**
 * A cluster from a seed: several nodes with the real protocol over a simulated engine, with random latencies, breaks,
 * deaths and pauses, in virtual time. `CLUSTER_RUNS=10000` runs more seeds; a failure prints its seed, and
 * `CLUSTER_SEED=…` runs that one again.
 */
import { expect, test } from "bun:test";
import { judge } from "./invariants.ts";
import { Run } from "./scenario.ts";

const runs = Number(process.env.CLUSTER_RUNS ?? 400);
const seed = process.env.CLUSTER_SEED;
const seeds = seed === undefined ? Array.from({ length: runs }, (_, index) => index + 1) : [Number(seed)];

test("after any faults of nodes, links and the engine, all invariants of the cluster hold", async () => {
  const broken: string[] = [];
  for (const one of seeds) {
    const run = new Run(one);
    run.play();
    const trouble = run.trouble.names.join(", ") || "no trouble";
    for (const { invariant, detail } of await judge(run))
      broken.push(`CLUSTER_SEED=${one} (${trouble}): ${invariant}: ${detail}`);
  }
  expect(broken).toEqual([]);
});
