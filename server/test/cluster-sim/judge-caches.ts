/** Checks cache channels: a subscriber gets the last event once, with the success or live. */
import type { Fail } from "./invariants.ts";
import { eventsIn, latencyMsMax } from "./judge-events.ts";
import { appId, channels, type Run } from "./scenario.ts";
import type { SimClient } from "./sim-client.ts";
import type { Sequenced } from "./sim-engine.ts";
import { live, type Stay, staysIn } from "./stays.ts";

export function checkCaches(run: Run, fail: Fail): void {
  if (run.trouble.isDataLost) return;
  for (const channel of channels) {
    if (!channel.includes("cache-")) continue;
    const stored = (run.engine.log.get(`${appId}/${channel}`) ?? []).filter(({ isKept }) => isKept);
    const there = live(run, channel);
    for (const client of run.clients) {
      const stays = staysIn(client, channel);
      for (const stay of stays) checkFirst(run, client, stored, stay, fail);
      const last = stays.at(-1);
      if (last !== undefined && there.includes(client)) checkLast(run, client, stored, last, fail);
    }
  }
}

/** The event that was the last one when the client joined is the first that it gets, or a newer one is. */
function checkFirst(run: Run, client: SimClient, stored: readonly Sequenced[], stay: Stay, fail: Fail): void {
  const { enteredAtMs } = stay;
  // Its node may have been away from the engine, or late.
  if (enteredAtMs === null || run.trouble.mayMissEvents || client.node.wasPaused) return;
  const before = stored.findLastIndex(({ atMs }) => atMs < enteredAtMs - latencyMsMax);
  if (before < 0) return;
  const [first] = eventsIn(stay);
  const place = stored.findIndex(({ id }) => id === first);
  if (place < before)
    fail("the cached event is the last one", `${client.name} got ${first}, not ${stored[before]?.id}`);
}

/** At the end of a run each subscriber has got the last event. That it got none twice is checked with all events. */
function checkLast(run: Run, client: SimClient, stored: readonly Sequenced[], stay: Stay, fail: Fail): void {
  const last = stored.at(-1);
  if (last === undefined || stay.enteredAtMs === null) return;
  const isExcluded = run.events.some(
    ({ id, exceptSocketId }) => id === last.id && exceptSocketId === client.connection.socketId,
  );
  const wasAlone = run.nodes.some(({ suppliers }) => suppliers.broker.alone.has(last.id));
  if (isExcluded || wasAlone) return;
  // A client that entered while the engine was unreachable has no position, so it gets only what is live.
  if (run.trouble.mayMissEvents && stay.notes[1]?.type === "cache-miss") return;
  if (!eventsIn(stay).includes(last.id))
    fail("the last cached event is told", `${client.name} did not get ${last.id}`);
}
