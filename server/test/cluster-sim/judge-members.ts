/** Checks members and watched users as each client received them. */
import type { Fail } from "./invariants.ts";
import { channels, type Run } from "./scenario.ts";
import type { SimClient } from "./sim-client.ts";
import { live, type Stay, staysIn } from "./stays.ts";

export function checkPresence(run: Run, client: SimClient, fail: Fail): void {
  for (const channel of channels) {
    if (!channel.startsWith("presence-")) continue;
    const there = live(run, channel);
    const stays = staysIn(client, channel);
    for (const stay of stays) {
      const members = membersSeen(client, channel, stay, fail);
      if (stay !== stays.at(-1) || !there.includes(client)) continue;
      const reported = [...members].sort().join();
      const truth = [...new Set(there.map(({ userId }) => userId))].sort().join();
      if (reported !== truth)
        fail("member lists converge", `${client.name} ${channel} ${reported}, not ${truth}`);
    }
  }
}

function membersSeen(client: SimClient, channel: string, { notes }: Stay, fail: Fail): ReadonlySet<string> {
  const members = new Set<string>();
  for (const record of notes) {
    if (record.type === "entered") {
      for (const userId of record.userIds ?? []) members.add(userId);
      if (!members.has(client.userId)) fail("a joiner is in its own list", `${client.name} ${channel}`);
    } else if (record.type === "member-added") {
      if (members.has(record.userId))
        fail("no member is added twice", `${client.name} ${channel} ${record.userId}`);
      members.add(record.userId);
    } else if (record.type === "member-removed" && !members.delete(record.userId)) {
      fail("only known members are removed", `${client.name} ${channel} ${record.userId}`);
    }
  }
  return members;
}

export function checkWatchlist(run: Run, client: SimClient, fail: Fail): void {
  const reported = new Map<string, boolean>();
  for (const record of client.notes) {
    if (record.type !== "watchlist") continue;
    for (const isOnline of [true, false])
      for (const userId of isOnline ? record.online : record.offline) {
        if (reported.get(userId) === isOnline)
          fail("no change of a watched user is reported twice", `${client.name} ${userId} ${isOnline}`);
        reported.set(userId, isOnline);
      }
  }
  if (!client.isOpen) return;
  const online = new Set(
    run.clients.filter(({ isOpen }) => isOpen).map(({ connection }) => connection.user?.id),
  );
  for (const userId of client.connection.user?.watchlist ?? [])
    if (reported.get(userId) !== online.has(userId))
      fail("watchlists converge", `${client.name} received ${reported.get(userId)} for ${userId}`);
}
