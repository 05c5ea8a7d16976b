/** Asks all nodes, and lists those that did not answer: an incomplete result must be marked as such. */
import type { ClusterBus } from "../core/ports/cluster-bus.ts";
import type { NodeName, Nodes } from "../core/ports/nodes.ts";
import { Refusal } from "../core/refusal.ts";

/** A healthy node answers within some milliseconds. */
export const answerMs = 2_000;

/** The answer of one node. */
export interface Part<Answer> {
  readonly nodeId: string;
  /** Null if the server is configured as a single node. */
  readonly node: NodeName | null;
  readonly answer: Answer;
}

export interface Gathered<Answer> {
  /** This node's part is first. */
  readonly parts: readonly Part<Answer>[];
  /** The nodes whose part is missing. */
  readonly unanswered: NodeName[];
}

/** Input and answer are plain JSON. The bus drops an answer that is too long: limit it as `page.ts` does. */
export type AskAllNodes<Input, Answer> = (input: Input) => Promise<Gathered<Answer>>;

type Answerer = (input: unknown) => unknown;

export class AllNodes {
  readonly #nodes: Pick<Nodes, "id" | "alive" | "departed">;
  readonly #bus: Pick<ClusterBus, "ask" | "onQuestion">;
  /** The server is configured as a single node. */
  readonly isAlone: boolean;
  #me: NodeName | null = null;
  readonly #answerers = new Map<string, Answerer>();

  constructor(
    nodes: Pick<Nodes, "id" | "alive" | "departed">,
    bus: Pick<ClusterBus, "ask" | "onQuestion">,
    isAlone: boolean,
  ) {
    this.#nodes = nodes;
    this.#bus = bus;
    this.isAlone = isAlone;
    bus.onQuestion("admin", async ({ topic, input }) => {
      const answerer = this.#answerers.get(topic);
      if (answerer === undefined) throw new Error(`This node has no answer to the question ${topic}`);
      return await answerer(input);
    });
  }

  /**
   * Returns a function that asks all nodes in parallel: this one directly, the others with a timeout of two seconds.
   * @param topic identifies the question between nodes, also of other releases
   * @param here returns this node's answer
   */
  question<Input, Answer>(
    topic: string,
    here: (input: Input) => Answer | Promise<Answer>,
  ): AskAllNodes<Input, Answer> {
    this.#answerers.set(topic, here as Answerer);
    return async (input) => {
      const asked = this.#bus.ask({ type: "admin", topic, input }, answerMs);
      const mine = { nodeId: this.#nodes.id, answer: await here(input) };
      const { answers, silent } = await asked;
      const names = this.#names();
      return {
        parts: [mine, ...(answers as { nodeId: string; answer: Answer }[])].map(({ nodeId, answer }) => ({
          nodeId,
          answer,
          node: this.isAlone ? null : nameOf(names, nodeId),
        })),
        unanswered: this.named(silent),
      };
    };
  }

  /** This node. Call it only after the node has joined the cluster. */
  get me(): NodeName {
    const { id } = this.#nodes;
    const found = this.#me ?? this.#nodes.alive().find((node) => node.id === id);
    if (found === undefined) return { id, name: id };
    this.#me = { id, name: found.name };
    return this.#me;
  }

  named(nodeIds: readonly string[]): NodeName[] {
    const names = this.#names();
    return nodeIds.map((id) => nameOf(names, id));
  }

  /**
   * The time since which the combined records of all nodes are complete: a stopped node's records are lost.
   * @param ofNodes the same time for each node that answered
   */
  wholeSinceMs(ofNodes: readonly number[]): number {
    return Math.max(...ofNodes, ...this.#nodes.departed().map(({ goneAtMs }) => goneAtMs));
  }

  #names(): ReadonlyMap<string, string> {
    return new Map(this.#nodes.alive().map(({ id, name }) => [id, name]));
  }
}

/** @throws Refusal `nodes_unanswered` if a node did not answer */
export function refuseIfUnanswered(unanswered: readonly NodeName[], what: string): void {
  if (unanswered.length === 0) return;
  const names = unanswered.map(({ name }) => name).join(", ");
  throw new Refusal("nodes_unanswered", `${what}: ${names} did not answer in time. Try again`, {
    unanswered,
  });
}

function nameOf(names: ReadonlyMap<string, string>, id: string): NodeName {
  return { id, name: names.get(id) ?? id };
}
