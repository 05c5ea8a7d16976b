/** This node, and others whose answers a test sets. */
import { SingleNodeBus } from "../../../src/cluster/single-node-bus.ts";
import type { Answers } from "../../../src/core/ports/cluster-bus.ts";
import type { NodeInfo } from "../../../src/core/ports/nodes.ts";
import { AllNodes } from "../../../src/management/all-nodes.ts";
import { nodeReport } from "./node-health.ts";

/** @param ask returns the answers of the other nodes to a question */
export function fakeAllNodes(
  names: readonly string[],
  ask: (topic: string, input: unknown) => Answers<unknown>,
): AllNodes {
  const bus = Object.assign(new SingleNodeBus(), {
    ask: async (question: { readonly topic: string; readonly input: unknown }) =>
      ask(question.topic, question.input) as Answers<never>,
  });
  const alive = ["a", ...names].map(namedNode);
  return new AllNodes({ id: "id-a", alive: () => alive, departed: () => [] }, bus, false);
}

function namedNode(name: string): NodeInfo {
  return { ...nodeReport(`node-${name}`), id: `id-${name}`, lastSeenAtMs: 0 };
}
