/** The invariants of every run, checked with the frames that clients received and the final state. */
import { closeCodes } from "../../src/protocol/errors.ts";
import { checkCaches } from "./judge-caches.ts";
import { checkChanges, checkQueries } from "./judge-changes.ts";
import { checkEvents } from "./judge-events.ts";
import { checkGrace } from "./judge-grace.ts";
import { checkPresence, checkWatchlist } from "./judge-members.ts";
import { appId, channels, type Run } from "./scenario.ts";
import { live, staysIn } from "./stays.ts";

export interface Finding {
  readonly invariant: string;
  readonly detail: string;
}

export type Fail = (invariant: string, detail: string) => void;

export async function judge(run: Run): Promise<Finding[]> {
  const found: Finding[] = [];
  const fail: Fail = (invariant, detail) => found.push({ invariant, detail });
  for (const client of run.clients) {
    checkPresence(run, client, fail);
    checkWatchlist(run, client, fail);
  }
  checkEvents(run, fail);
  checkCaches(run, fail);
  checkChanges(run, fail);
  checkGrace(run, fail);
  checkCounts(run, fail);
  checkSecrets(run, fail);
  checkTerminations(run, fail);
  checkLeftovers(run, fail);
  await checkQueries(run, fail);
  for (const { id, bugs } of run.nodes) for (const bug of bugs) fail("no bug", `${id}: ${Bun.inspect(bug)}`);
  if (run.trouble.names.length === 1)
    for (const ghost of run.trouble.ghosts) fail("no contribution of a dead node after 15 s", ghost);
  return found;
}

/** The last count that each subscriber received is the correct one. */
function checkCounts(run: Run, fail: Fail): void {
  for (const channel of channels) {
    if (channel.startsWith("presence-")) continue;
    const there = live(run, channel);
    for (const client of there) {
      const counts = (staysIn(client, channel).at(-1)?.notes ?? []).flatMap((record) =>
        record.type === "count" ? [record.subscriptionCount] : [],
      );
      if (counts.at(-1) !== there.length)
        fail(
          "the last count is correct",
          `${client.name} ${channel} ${counts}, but ${there.length} are there`,
        );
    }
  }
}

/** After a rotation that closes connections, no connection is authorized by the revoked secret. */
function checkSecrets(run: Run, fail: Fail): void {
  // The message to close may be lost if it cannot be delivered. The secret itself is refused by then.
  if (!run.isRotated || run.trouble.mayLoseOrders) return;
  for (const client of run.clients) {
    if (!client.isOpen) continue;
    const { user, subscriptions } = client.connection;
    const isIn = [user, ...subscriptions.values()].some((one) => one?.secretId === run.oldSecretId);
    if (isIn) fail("no subscription that a revoked secret authorized", client.name);
  }
}

/** Terminating a user closes all connections that were signed in as the user before, and none of others. */
function checkTerminations(run: Run, fail: Fail): void {
  for (const { name, closeCode, connection } of run.clients) {
    const { user } = connection;
    const isTerminated = run.terminations.some(
      ({ userId, atMs }) => userId === user?.id && user.signedInAtMs < atMs,
    );
    // The message to close may be lost if it cannot be delivered.
    if (isTerminated && closeCode === null && !run.trouble.mayLoseOrders)
      fail("no connection of a terminated user stays", name);
    const isOther = run.terminations.every(({ userId }) => userId !== user?.id);
    if (closeCode === closeCodes.unauthorized && isOther && !run.isRotated)
      fail("only connections of a terminated user are closed", name);
  }
}

/** A node follows exactly the lines that its clients need. */
function checkLeftovers(run: Run, fail: Fail): void {
  for (const node of run.nodes) {
    if (node.process.isDead) continue;
    const needed = new Set(["#bus"]);
    for (const { connection, isOpen } of node.clients.values()) {
      if (!isOpen) continue;
      for (const channel of connection.subscriptions.keys()) needed.add(`${appId}/${channel}`);
      for (const userId of connection.user?.watchlist ?? []) needed.add(`${appId}/#${userId}`);
    }
    const followed = node.suppliers.lines.names;
    for (const line of followed)
      if (!needed.has(line)) fail("no line is followed without subscribers", `${node.id} ${line}`);
    for (const line of needed)
      if (!followed.includes(line)) fail("every line with subscribers is followed", `${node.id} ${line}`);
  }
}
