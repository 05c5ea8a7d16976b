/** The bus of a node that is alone: nobody to tell. */
import type { ClusterBus } from "../core/ports/cluster-bus.ts";

export class SingleNodeBus implements ClusterBus {
  broadcast(): void {
    // There is no other node, and a node never hears itself.
  }

  onMessage(): void {
    // Nobody will ever speak.
  }

  async close(): Promise<void> {
    // Nothing is open.
  }
}
