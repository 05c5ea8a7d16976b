import type { ClusterMessage } from "./cluster-message.ts";

/** The line between nodes. At most once, in order per channel; a node never hears itself. */
export interface ClusterBus {
  broadcast(message: ClusterMessage): void;
  onMessage(listener: (message: ClusterMessage) => void): void;
  close(): Promise<void>;
}
