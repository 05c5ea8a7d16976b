/**
 * A cluster from a seed: several nodes with the real protocol over a simulated engine, with random latencies, breaks,
 * deaths and pauses, in virtual time. `CLUSTER_RUNS=10000` runs more seeds, and with `CLUSTER_FIRST_SEED=10001` others; a
 * failure prints its seed, and `CLUSTER_SEED=…` runs that one again.
 */
import { expect, test } from "bun:test";
import { judge } from "./invariants.ts";
import { Run } from "./scenario.ts";

const runs = Number(process.env.CLUSTER_RUNS ?? 400);
const seed = process.env.CLUSTER_SEED;
const first = Number(process.env.CLUSTER_FIRST_SEED ?? 1);
const seeds = seed === undefined ? Array.from({ length: runs }, (_, index) => first + index) : [Number(seed)];

test("after any faults of nodes, links and the engine, all invariants of the cluster hold", async () => {
  const broken: string[] = [];
  for (const one of seeds) broken.push(...(await findingsOf(one, (run) => run.play())));
  expect(broken).toEqual([]);
});

test("a run that throws is reported with its seed", async () => {
  const fails = () => {
    throw new Error("it broke");
  };
  expect(await findingsOf(7, fails)).toEqual([expect.stringMatching(/^CLUSTER_SEED=7: .*it broke/s)]);
});

async function findingsOf(one: number, play: (run: Run) => void): Promise<string[]> {
  try {
    const run = new Run(one);
    play(run);
    const trouble = run.trouble.names.join(", ") || "no trouble";
    return (await judge(run)).map(
      ({ invariant, detail }) => `CLUSTER_SEED=${one} (${trouble}): ${invariant}: ${detail}`,
    );
  } catch (error) {
    return [`CLUSTER_SEED=${one}: ${Bun.inspect(error)}`];
  }
}
