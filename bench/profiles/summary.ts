/**
 * `bun bench/profiles/summary.ts FILE.cpuprofile SOURCE-FILE…`: prints the functions with the most samples in a profile of
 * `bun --cpu-prof`. Only samples with one of the source files in their stack count, which excludes the start of the server.
 */
import { readFileSync } from "node:fs";
import { basename } from "node:path";

interface Node {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string };
  readonly children?: readonly number[];
}

const listedMax = 30;
const [file, ...sources] = process.argv.slice(2);
if (file === undefined || sources.length === 0) {
  process.stderr.write("usage: bun bench/profiles/summary.ts FILE.cpuprofile SOURCE-FILE…\n");
  process.exit(2);
}
const profile: { nodes: readonly Node[]; samples: readonly number[] } = JSON.parse(
  readFileSync(file, "utf8"),
);
const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
const parents = new Map(
  profile.nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])),
);
const alone = new Map<string, number>();
const within = new Map<string, number>();
let counted = 0;
for (const sample of profile.samples) {
  const stack = stackOf(sample);
  if (!stack.some((name) => sources.some((source) => name.endsWith(` ${source}`)))) continue;
  counted += 1;
  count(alone, stack[0] ?? "");
  for (const name of new Set(stack)) count(within, name);
}
console.log(
  `${counted} samples\n\nin the function itself\n${table(alone)}\n\nin the function and what it calls\n${table(within)}`,
);

/** The functions of a sample, the innermost first. */
function stackOf(sample: number): string[] {
  const names: string[] = [];
  for (let id: number | undefined = sample; id !== undefined; id = parents.get(id)) {
    const frame = nodes.get(id)?.callFrame;
    if (frame === undefined) break;
    names.push(`${frame.functionName || "(anonymous)"} ${frame.url === "" ? "native" : basename(frame.url)}`);
  }
  return names;
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

function table(counts: ReadonlyMap<string, number>): string {
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .slice(0, listedMax)
    .map(([name, samples]) => `${((100 * samples) / counted).toFixed(1).padStart(6)} %  ${name}`)
    .join("\n");
}
