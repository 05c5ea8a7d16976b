/** The nodes of the server: those that are alive, and those that left or died within the last hour. */
import { connectionsByTransport, noSessions } from "../../core/connections-by-transport.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { DepartedNode, NodeInfo, Nodes } from "../../core/ports/nodes.ts";
import type { Node } from "../contracts/server.ts";
import { type Handlers, isoTime } from "../handlers.ts";

/** A node sends a report once a second. */
const silentAfterMs = 5_000;

export function createNodeHandlers(nodes: Nodes, isAlone: boolean, clock: Clock): Handlers<"nodes"> {
  function stateOf({ isDraining, lastSeenAtMs }: NodeInfo): Node["state"] {
    if (clock.now() - lastSeenAtMs > silentAfterMs) return "silent";
    return isDraining ? "draining" : "serving";
  }

  return {
    nodes() {
      const alive = nodes.alive();
      // A node that was paused for longer than its lease departed, and is back.
      const gone = nodes.departed().filter(({ id }) => !alive.some((one) => one.id === id));
      return {
        nodes: [...alive.map((node) => described(node, stateOf(node), clock.now())), ...gone.map(departed)],
        isAlone,
      };
    },
  };
}

/** A node drains before it leaves. */
function departed(node: DepartedNode): Node {
  return described(node, node.isDraining ? "stopped" : "died", node.goneAtMs);
}

function described(info: NodeInfo, state: Node["state"], untilMs: number): Node {
  const { id, name, hostname, version, startedAtMs, lastSeenAtMs, connections } = info;
  const { sessions = noSessions, ...health } = info.health;
  const connectionCount = connections.values().reduce((sum, count) => sum + count, 0);
  return {
    id,
    name,
    hostname,
    version,
    state,
    startedAt: isoTime(startedAtMs),
    uptimeMs: Math.max(0, untilMs - startedAtMs),
    lastSeenAt: isoTime(lastSeenAtMs),
    connectionCount,
    connectionsByTransport: connectionsByTransport(connectionCount, sessions),
    ...health,
    drops: { ...health.drops },
  };
}
