/** The bus of a single node: it drops messages, and questions have no answers. */
import type { Answers, ClusterBus } from "../core/ports/cluster-bus.ts";

const nobody: Answers<never> = { answers: [], silent: [] };

export class SingleNodeBus implements ClusterBus {
  broadcast(): void {
    // There is no other node, and a node does not receive its own messages.
  }

  onMessage(): void {
    // No other node sends messages.
  }

  async ask(): Promise<Answers<never>> {
    return nobody;
  }

  async askNode(): Promise<Answers<never>> {
    return nobody;
  }

  onQuestion(): void {
    // No other node asks questions.
  }

  listen(): () => void {
    return () => undefined;
  }

  hasListeners(): boolean {
    return false;
  }

  send(): void {
    // No other node listens.
  }
}
