/** Members and watched users, as each client was told of them. */
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
      const members = membersTold(client, channel, stay, fail);
      if (stay !== stays.at(-1) || !there.includes(client)) continue;
      const told = [...members].sort().join();
      const truth = [...new Set(there.map(({ userId }) => userId))].sort().join();
      if (told !== truth) fail("member lists converge", `${client.name} ${channel} ${told}, not ${truth}`);
    }
  }
}

function membersTold(client: SimClient, channel: string, { notes }: Stay, fail: Fail): ReadonlySet<string> {
  const members = new Set<string>();
  for (const note of notes) {
    if (note.type === "entered") {
      for (const userId of note.userIds ?? []) members.add(userId);
      if (!members.has(client.userId)) fail("a joiner is in its own list", `${client.name} ${channel}`);
    } else if (note.type === "member-added") {
      if (members.has(note.userId)) fail("no member twice", `${client.name} ${channel} ${note.userId}`);
      members.add(note.userId);
    } else if (note.type === "member-removed" && !members.delete(note.userId)) {
      fail("no removal of somebody never seen", `${client.name} ${channel} ${note.userId}`);
    }
  }
  return members;
}

export function checkWatchlist(run: Run, client: SimClient, fail: Fail): void {
  const told = new Map<string, boolean>();
  for (const note of client.notes) {
    if (note.type !== "watchlist") continue;
    for (const isOnline of [true, false])
      for (const userId of isOnline ? note.online : note.offline) {
        if (told.get(userId) === isOnline)
          fail("no watched user is told twice", `${client.name} ${userId} ${isOnline}`);
        told.set(userId, isOnline);
      }
  }
  if (!client.isOpen) return;
  const online = new Set(
    run.clients.filter(({ isOpen }) => isOpen).map(({ connection }) => connection.user?.id),
  );
  for (const userId of client.connection.user?.watchlist ?? [])
    if (told.get(userId) !== online.has(userId))
      fail("watchlists converge", `${client.name} was told ${told.get(userId)} of ${userId}`);
}
