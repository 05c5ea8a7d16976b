/** Checks presence grace: a disconnected member stays until the grace is over, and is removed then. */
import type { RosterChange } from "../../src/core/ports/roster.ts";
import type { Fail } from "./invariants.ts";
import type { Run } from "./scenario.ts";
import type { SimClient } from "./sim-client.ts";
import { staysIn } from "./stays.ts";
import { gracedChannel } from "./trouble.ts";

/** The grace of a dead node's members begins with the last renewal of its lease. */
const renewMs = 3_000;
const latencyMs = 20;

export function checkGrace(run: Run, fail: Fail): void {
  // The grace of a disconnected or paused node's members begins with the node's last contact to the engine.
  if (run.trouble.names.some((name) => name !== "death")) return;
  for (const client of run.clients) {
    const { closedAtMs, wasCut, connection, node } = client;
    if (closedAtMs === null || !wasCut || !connection.subscriptions.has(gracedChannel)) continue;
    // A join that was in progress when the client was disconnected may be processed after the departures of others.
    if (staysIn(client, gracedChannel).length === 0) continue;
    const untilMs = closedAtMs + run.graceMs - (node.process.isDead ? renewMs : 0) - latencyMs;
    for (const change of run.engine.changes) {
      const atMs = run.engine.changedAtMs.get(change.revision) ?? 0;
      if (atMs > closedAtMs && atMs < untilMs && isDeparture(change, client))
        fail(
          "a member is removed only after the grace",
          `${client.name} was cut at ${closedAtMs}, ${change.type} at ${atMs}`,
        );
    }
  }
}

function isDeparture(change: RosterChange, { userId, connection }: SimClient): boolean {
  switch (change.type) {
    case "channel_vacated":
      return change.channel === gracedChannel;
    case "member_removed":
      return change.channel === gracedChannel && change.userId === userId;
    case "user_offline":
      return connection.user?.id === userId && change.userId === userId;
    default:
      return false;
  }
}
