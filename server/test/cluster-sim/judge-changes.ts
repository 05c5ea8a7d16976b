/** Checks the changes for webhooks, and the answers of queries. */
import type { RosterChange } from "../../src/core/ports/roster.ts";
import type { Fail } from "./invariants.ts";
import { appId, channels, type Run, users } from "./scenario.ts";
import { live } from "./stays.ts";

const arrivals = ["channel_occupied", "member_added", "user_online"];

export function checkChanges(run: Run, fail: Fail): void {
  const reported = run.reported.map(({ change }) => change).sort((a, b) => a.revision - b.revision);
  const revisions = new Set(reported.map(({ revision }) => revision));
  if (revisions.size < reported.length)
    fail("no change is reported twice", `${reported.length - revisions.size} are`);
  if (!run.trouble.mayLoseReplies)
    for (const { revision, type } of run.engine.changes)
      if (!revisions.has(revision)) fail("each change is reported", `${type} ${revision}`);
  if (run.trouble.isDataLost) return;
  const bySubject = new Map<string, RosterChange[]>();
  for (const change of run.engine.changes) {
    const subject = subjectOf(change);
    if (subject !== null) bySubject.set(subject, [...(bySubject.get(subject) ?? []), change]);
  }
  for (const [subject, changes] of bySubject) {
    const isAlternating = changes.every(({ type }, index) => arrivals.includes(type) === (index % 2 === 0));
    if (!isAlternating)
      fail("arrivals and departures alternate", `${subject}: ${changes.map(({ type }) => type)}`);
    const isThere = arrivals.includes(changes.at(-1)?.type ?? "");
    if (isThere !== isTrue(run, subject))
      fail("the last change equals the final state", `${subject}: ${isThere}`);
  }
}

/** The subject that arrives or departs; null for counts. */
function subjectOf(change: RosterChange): string | null {
  switch (change.type) {
    case "channel_occupied":
    case "channel_vacated":
      return change.channel;
    case "member_added":
    case "member_removed":
      return `${change.channel} ${change.userId}`;
    case "user_online":
    case "user_offline":
      return `user ${change.userId}`;
    case "subscription_count":
      return null;
    default:
      return change satisfies never;
  }
}

function isTrue(run: Run, subject: string): boolean {
  const [channel = "", userId] = subject.split(" ");
  if (channel === "user") return run.clients.some((one) => one.isOpen && one.connection.user?.id === userId);
  return live(run, channel).some((one) => userId === undefined || one.userId === userId);
}

export async function checkQueries(run: Run, fail: Fail): Promise<void> {
  const node = run.nodes.find(({ process }) => !process.isDead);
  if (node === undefined) return;
  const { roster } = node.suppliers;
  for (const channel of channels) {
    const there = live(run, channel);
    const userIds = new Set(channel.startsWith("presence-") ? there.map(({ userId }) => userId) : []);
    const counts = await roster.counts(appId, channel);
    const members = (await roster.members(appId, channel)).map(({ userId }) => userId);
    const answer = [counts.subscriptionCount, counts.userCount, ...members.sort()].join();
    const truth = [there.length, userIds.size, ...[...userIds].sort()].join();
    if (answer !== truth) fail("queries return the final state", `${channel} ${answer}, not ${truth}`);
  }
  const names = [...(await roster.channels(appId, "")).keys()].sort().join();
  const occupied = channels.filter((channel) => live(run, channel).length > 0).sort();
  if (names !== occupied.join())
    fail("queries return the final state", `occupied are ${names}, not ${occupied}`);
  const online = [...(await roster.onlineUsers(appId, users))].sort().join();
  const signedIn = users.filter((userId) => isTrue(run, `user ${userId}`)).join();
  if (online !== signedIn) fail("queries return the final state", `online are ${online}, not ${signedIn}`);
}
