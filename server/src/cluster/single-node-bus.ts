/** The bus of a node that is alone: nobody to tell, nobody to ask. */
import type { Answers, ClusterBus } from "../core/ports/cluster-bus.ts";

const nobody: Answers<never> = { answers: [], silent: [] };

export class SingleNodeBus implements ClusterBus {
  broadcast(): void {
    // There is no other node, and a node never hears itself.
  }

  onMessage(): void {
    // Nobody will ever speak.
  }

  async ask(): Promise<Answers<never>> {
    return nobody;
  }

  async askNode(): Promise<Answers<never>> {
    return nobody;
  }

  onQuestion(): void {
    // Nobody will ever ask.
  }

  listen(): () => void {
    return () => undefined;
  }

  hasListeners(): boolean {
    return false;
  }

  send(): void {
    // Nobody listens.
  }
}
