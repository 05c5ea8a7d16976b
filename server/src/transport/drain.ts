/** Asks every connection to go elsewhere, a few at a time, so that nobody is stormed by those who come back. */

import type { Connection } from "../core/connection.ts";
import type { Hub } from "../core/hub.ts";
import type { Clock } from "../core/ports/clock.ts";
import { closeCodes } from "../protocol/errors.ts";

export interface DrainPace {
  /** The time over which connections are closed, at most. */
  readonly overMs: number;
  /** So many a second at least, also where there are few. */
  readonly perSecondMin: number;
}

const stepMs = 100;

/** Resolves when nobody is left; a connection that will not go is the caller's to end. */
export async function drain(hub: Hub, clock: Clock, { overMs, perSecondMin }: DrainPace): Promise<void> {
  const steps = Math.max(1, Math.floor(overMs / stepMs));
  const perStep = Math.max(Math.ceil(hub.connectionCount / steps), Math.ceil((perSecondMin * stepMs) / 1000));
  /** One that was asked and is slow to go must not hold up the others. */
  const asked = new WeakSet<Connection>();
  while (hub.connectionCount > 0) {
    for (const connection of firstUnasked(hub.allConnections(), asked, perStep)) {
      asked.add(connection);
      hub.close(connection, closeCodes.reconnect, "The server is going down: please reconnect");
    }
    await new Promise<void>((resolve) => clock.after(stepMs, resolve));
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
