/**
 * Asks all connections to reconnect, a few at a time, so that the other nodes are not flooded by reconnecting clients.
 */

import type { Connection } from "../core/connection.ts";
import type { Hub } from "../core/hub.ts";
import { pause } from "../core/pause.ts";
import type { Clock } from "../core/ports/clock.ts";
import { closeCodes } from "../protocol/errors.ts";

export interface DrainPace {
  /** The maximum time over which connections are closed. */
  readonly overMs: number;
  /** The minimum rate of closes. */
  readonly perSecondMin: number;
}

const stepMs = 100;

/** Resolves when no connection is left. The caller must end connections that do not close. */
export async function drain(hub: Hub, clock: Clock, { overMs, perSecondMin }: DrainPace): Promise<void> {
  const steps = Math.max(1, Math.floor(overMs / stepMs));
  const perStep = Math.max(Math.ceil(hub.connectionCount / steps), Math.ceil((perSecondMin * stepMs) / 1000));
  /** The connections that were asked to close: one that closes slowly must not delay the others. */
  const asked = new WeakSet<Connection>();
  while (hub.connectionCount > 0) {
    for (const connection of firstUnasked(hub.allConnections(), asked, perStep)) {
      asked.add(connection);
      hub.close(connection, closeCodes.reconnect, "The server is shutting down: please reconnect");
    }
    await pause(clock, stepMs);
  }
}

function firstUnasked(
  connections: Iterable<Connection>,
  asked: WeakSet<Connection>,
  count: number,
): Connection[] {
  const taken: Connection[] = [];
  for (const connection of connections) {
    if (taken.length === count) break;
    if (!asked.has(connection)) taken.push(connection);
  }
  return taken;
}
