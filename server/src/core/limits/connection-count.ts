/** Counts an app's open connections on all nodes. */
import type { Hub } from "../hub.ts";
import type { Nodes } from "../ports/nodes.ts";

/** The count of this node is exact; those of the others are at most some seconds old. */
export type ConnectionCount = (appId: string) => number;

export function createConnectionCount(
  hub: Pick<Hub, "connectionCountOf">,
  nodes: Pick<Nodes, "connectionsElsewhere">,
): ConnectionCount {
  return (appId) => hub.connectionCountOf(appId) + nodes.connectionsElsewhere(appId);
}
