/** Checks the events of each stay: each at most once, in the engine's order, and none missing. */
import type { Fail } from "./invariants.ts";
import { appId, channels, type Run, users } from "./scenario.ts";
import type { SimClient } from "./sim-client.ts";
import type { Sequenced } from "./sim-engine.ts";
import { type Stay, staysIn } from "./stays.ts";

/** The maximum time of a message from the engine to a client. */
export const latencyMsMax = 6;

export function checkEvents(run: Run, fail: Fail): void {
  const exceptOf = new Map(run.events.map(({ id, exceptSocketId }) => [id, exceptSocketId]));
  /** Events that a node delivered alone, while it was unknown whether the engine had them: they have no order. */
  const alone = new Set(run.nodes.flatMap(({ suppliers }) => [...suppliers.broker.alone]));
  for (const channel of [...channels, ...users.map((userId) => `#server-to-user-${userId}`)]) {
    const all = run.engine.log.get(`${appId}/${channel}`) ?? [];
    const log = all.filter(({ id }) => !alone.has(id));
    for (const client of run.clients) {
      const due = log.filter(({ id }) => exceptOf.get(id) !== client.connection.socketId);
      for (const stay of staysIn(client, channel)) {
        if (stay.enteredAtMs === null)
          fail("a client without a subscription receives nothing", `${client.name} ${channel}`);
        checkStay(run, client, channel, stay, { all, log, due, alone }, fail);
        const excluded = eventsIn(stay).filter((id) => exceptOf.get(id) === client.connection.socketId);
        if (excluded.length > (channel.includes("cache-") ? 1 : 0))
          fail("an excluded client receives nothing", `${client.name} ${channel} ${excluded}`);
      }
    }
    for (const { id, outcome, channel: where } of run.events)
      if (where === channel && outcome === "sequenced" && !all.some((one) => one.id === id))
        fail("an event with response 200 is sequenced", id);
  }
}

interface Order {
  /** All events that the engine has, also those that a node delivered alone. */
  readonly all: readonly Sequenced[];
  /** Without those that a node delivered alone. */
  readonly log: readonly Sequenced[];
  /** The events of the log that the client must have received. */
  readonly due: readonly Sequenced[];
  readonly alone: ReadonlySet<string>;
}

function checkStay(
  run: Run,
  client: SimClient,
  channel: string,
  stay: Stay,
  { all, log, due, alone }: Order,
  fail: Fail,
): void {
  const received = eventsIn(stay);
  const what = `${client.name} ${channel} received ${received}`;
  if (new Set(received).size < received.length) fail("no event is received twice", what);
  const ordered = received.filter((id) => !alone.has(id));
  const positions = ordered.map((id) => log.findIndex((one) => one.id === id));
  if (positions.some((position, index) => position <= (positions[index - 1] ?? -1)))
    fail("all clients receive the same order", `${what}, the engine said ${log.map(({ id }) => id)}`);
  const isKeeping = channel.includes("cache-");
  if (run.trouble.isDataLost || (run.trouble.mayMissEvents && !isKeeping)) return;
  const replayed = isKeeping ? replayOf(stay, what, fail) : null;
  // A client that entered while the engine was unreachable has no position in the history.
  if (run.trouble.mayMissEvents && isKeeping && replayed === null) return;
  const live = ordered.filter((id) => id !== replayed);
  const missed = due.filter(({ id, atMs, isKept }, index) => {
    if (ordered.includes(id) || (run.trouble.mayMissEvents && !isKept)) return false;
    const isBefore = (ids: readonly string[]) => index > due.findIndex((one) => one.id === ids[0]);
    const isBetween =
      live.length > 0 && isBefore(live) && index < due.findIndex((one) => one.id === live.at(-1));
    return isBetween || isWithin(atMs, stay, client, run) || (isKept && isLeftOut(id, replayed, live, all));
  });
  if (missed.length > 0) fail("no event is missed", `${what}, not ${missed.map(({ id }) => id)}`);
}

export function eventsIn({ notes }: Stay): string[] {
  return notes.flatMap((record) => (record.type === "event" ? [record.id] : []));
}

/** The event that was replayed with the subscription's success; null if there was none. */
function replayOf({ notes }: Stay, what: string, fail: Fail): string | null {
  const [entered, next] = notes;
  if (next?.type === "event" && next.atMs === entered?.atMs) return next.id;
  if (next?.type !== "cache-miss") fail("a cache channel replays its event or reports a miss", what);
  return null;
}

/** Whether it was certainly sequenced after the client entered, and early enough to reach it. */
function isWithin(atMs: number, { enteredAtMs, leftAtMs }: Stay, client: SimClient, run: Run): boolean {
  if (enteredAtMs === null || atMs <= enteredAtMs) return false;
  const endMs = leftAtMs ?? client.closedAtMs;
  if (endMs === null) return true;
  // The client may have left before its node was back.
  if (run.trouble.mayMissEvents || client.node.wasPaused) return false;
  return atMs < endMs - latencyMsMax;
}

/** Whether the event was stored after the replayed events and before the live ones. */
function isLeftOut(
  id: string,
  replayed: string | null,
  live: readonly string[],
  log: readonly Sequenced[],
): boolean {
  const positionOf = (of: string | null | undefined) => log.findIndex((one) => one.id === of);
  return live.length > 0 && positionOf(id) > positionOf(replayed) && positionOf(id) < positionOf(live[0]);
}
