/** Nodes that share a directory of HTTP sessions and a bus, all in this process. A test can break them. */
import { EngineUnreachable } from "../../../src/core/ports/broker.ts";
import type { ClusterBus } from "../../../src/core/ports/cluster-bus.ts";
import type { SessionPeers } from "../../../src/transport/session-forward.ts";

type Answerer = (question: never) => Promise<unknown>;

export class FakeSessionPeers {
  readonly holders = new Map<string, string>();
  readonly dead = new Set<string>();
  readonly asked: string[] = [];
  /** The number of requests to the directory. */
  lookups = 0;
  isEngineUnreachable = false;
  /** The next answers of this number are lost. */
  answersToLose = 0;
  readonly #answerers = new Map<string, Answerer>();

  of(nodeId: string): SessionPeers {
    const engine = async <Value>(value: () => Value): Promise<Value> => {
      this.lookups += 1;
      if (this.isEngineUnreachable) throw new EngineUnreachable("Redis is unreachable");
      return value();
    };
    return {
      nodeId,
      isAlive: (id) => !this.dead.has(id),
      directory: {
        claim: (session) =>
          engine(() => {
            if (!this.holders.has(session)) this.holders.set(session, nodeId);
            return this.holders.get(session) ?? "";
          }),
        find: (session) => engine(() => this.holders.get(session) ?? null),
        renew: (session) => void this.holders.set(session, nodeId),
        release: (session) => {
          if (this.holders.get(session) === nodeId) this.holders.delete(session);
        },
      },
      bus: {
        onQuestion: (type, answer) => void this.#answerers.set(`${nodeId} ${type}`, answer as Answerer),
        askNode: ((id, question) => this.#ask(id, question)) as ClusterBus["askNode"],
      },
    };
  }

  async #ask(nodeId: string, question: { readonly type: string }): Promise<unknown> {
    this.asked.push(question.type);
    const nobody = { answers: [], silent: [nodeId] };
    if (this.dead.has(nodeId) || this.isEngineUnreachable) return nobody;
    const plain: never = JSON.parse(JSON.stringify(question)) as never;
    const answer = await this.#answerers.get(`${nodeId} ${question.type}`)?.(plain);
    if (this.answersToLose > 0) {
      this.answersToLose -= 1;
      return nobody;
    }
    return { answers: [{ nodeId, answer: JSON.parse(JSON.stringify(answer)) }], silent: [] };
  }
}
