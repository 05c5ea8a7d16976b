/** The functions with the most samples in a profile of `bun --cpu-prof`, as text. */
import { basename } from "node:path";

interface Node {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string };
  readonly children?: readonly number[];
}

export interface Profile {
  readonly nodes: readonly Node[];
  readonly samples: readonly number[];
}

const listedMax = 30;

/** @param sources only samples with one of these files in their stack count, which excludes the start of the server */
export function profileText({ nodes: all, samples }: Profile, sources: readonly string[]): string {
  const nodes = new Map(all.map((node) => [node.id, node]));
  const parents = new Map(all.flatMap(({ id, children = [] }) => children.map((child) => [child, id])));
  const alone = new Map<string, number>();
  const within = new Map<string, number>();
  let counted = 0;
  for (const sample of samples) {
    const stack = stackOf(sample, nodes, parents);
    if (!stack.some((name) => sources.some((source) => name.endsWith(` ${source}`)))) continue;
    counted += 1;
    count(alone, stack[0] ?? "");
    for (const name of new Set(stack)) count(within, name);
  }
  return (
    `${counted} of ${samples.length} samples are in these files or below them: ${sources.join(", ")}\n\n` +
    `in the function itself\n${table(alone, counted)}\n\nin the function and what it calls\n${table(within, counted)}\n`
  );
}

/** The functions of a sample, the innermost first. */
function stackOf(
  sample: number,
  nodes: ReadonlyMap<number, Node>,
  parents: ReadonlyMap<number, number>,
): string[] {
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

function table(counts: ReadonlyMap<string, number>, total: number): string {
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .slice(0, listedMax)
    .map(([name, samples]) => `${((100 * samples) / total).toFixed(1).padStart(6)} %  ${name}`)
    .join("\n");
}
