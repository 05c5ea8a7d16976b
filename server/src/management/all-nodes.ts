/** Asks all nodes and says which did not answer: what is told of all must never be less in silence. */
import type { ClusterBus } from "../core/ports/cluster-bus.ts";
import type { NodeName, Nodes } from "../core/ports/nodes.ts";
import { Refusal } from "../core/refusal.ts";

/** A node that is well answers within some milliseconds. */
export const answerMs = 2_000;

/** What one node answered. */
export interface Part<Answer> {
  readonly nodeId: string;
  /** Null where there is one node and no other can come: then nobody needs to know. */
  readonly node: NodeName | null;
  readonly answer: Answer;
}

export interface Gathered<Answer> {
  /** Of this node first. */
  readonly parts: readonly Part<Answer>[];
  /** The nodes whose part is missing. */
  readonly unanswered: NodeName[];
}

/** Input and answer are plain JSON. The bus drops an answer that is too long: bound it as `page.ts` does. */
export type AskAllNodes<Input, Answer> = (input: Input) => Promise<Gathered<Answer>>;

type Answerer = (input: unknown) => unknown;

export class AllNodes {
  readonly #nodes: Pick<Nodes, "id" | "alive" | "departed">;
  readonly #bus: Pick<ClusterBus, "ask" | "onQuestion">;
  /** No other node can come. */
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
      if (answerer === undefined) throw new Error(`This node knows no question about ${topic}`);
      return await answerer(input);
    });
  }

  /**
   * Answers the function that asks all nodes at once: this one directly, the others within two seconds.
   * @param topic names the question among nodes, also those of other releases
   * @param here what this node answers, whoever asks
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
          ...{ nodeId, answer },
          node: this.isAlone ? null : nameOf(names, nodeId),
        })),
        unanswered: this.named(silent),
      };
    };
  }

  /** This node, once it has joined the others. */
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
   * Since when nothing is missing of what nodes remember: what a node remembered is gone with it.
   * @param ofNodes the same for each node that answered
   */
  wholeSinceMs(ofNodes: readonly number[]): number {
    return Math.max(...ofNodes, ...this.#nodes.departed().map(({ goneAtMs }) => goneAtMs));
  }

  #names(): ReadonlyMap<string, string> {
    return new Map(this.#nodes.alive().map(({ id, name }) => [id, name]));
  }
}

/** @throws Refusal `nodes_unanswered` where somebody did not answer */
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
