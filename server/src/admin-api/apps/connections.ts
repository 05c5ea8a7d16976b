/** The handlers for open and recently closed connections of all nodes. */

import { auditActor } from "../../core/actor.ts";
import type { Connection } from "../../core/connection.ts";
import type { Hub } from "../../core/hub.ts";
import type { AuditLog } from "../../core/ports/audit-log.ts";
import type { ClusterBus } from "../../core/ports/cluster-bus.ts";
import { Refusal } from "../../core/refusal.ts";
import type { ActivityHistory, ClosedConnection } from "../../live/activity-history.ts";
import {
  type DescribedOpenConnection,
  describedUserIds,
  describeOpen,
} from "../../live/describe-connection.ts";
import type { AppRef } from "../../live/recent-items.ts";
import { userIdsOf } from "../../live/user-trace.ts";
import {
  type AllNodes,
  answerMs,
  type Gathered,
  type Part,
  refuseIfUnanswered,
} from "../../management/all-nodes.ts";
import { closeCodes } from "../../protocol/errors.ts";
import type { EndpointValue } from "../endpoints.ts";
import { type Handlers, isoTime } from "../handlers.ts";
import { type KeyedPage, keyedPage, latestFirst, mergePages, sortableNumber } from "../page.ts";

const listedChannelsMax = 100;
/** The maximum number of channels of one connection in an answer, so that the answer of a node is limited. */
export const channelsShownMax = 2_000;

interface OneOf {
  readonly appId: string;
  readonly socketId: string;
}

export function createConnectionHandlers(
  hub: Hub,
  { closed }: ActivityHistory,
  audit: AuditLog,
  {
    allNodes,
    bus,
  }: { readonly allNodes: AllNodes; readonly bus: Pick<ClusterBus, "askNode" | "onQuestion"> },
): Handlers<"listConnections" | "listClosedConnections" | "getConnection" | "closeConnection"> {
  const listOpen = allNodes.question("connections", ({ appId, query }: ListOf) =>
    keyedPage(
      [...hub.connections(appId)].filter((connection) => isWanted(connection, query)),
      ({ openedAtMs, socketId }) => `${sortableNumber(openedAtMs)} ${socketId}`,
      (connection) => describeOpen(connection, listedChannelsMax),
      query,
    ),
  );
  const listClosed = allNodes.question("closed connections", ({ app, query }: ListOfClosed) => ({
    page: keyedPage(
      [...closed.of(app, query.search)].filter(({ item }) => hasBeginning(item, query.search)),
      ({ atMs, sequence, item }) => `${latestFirst(atMs)} ${latestFirst(sequence)} ${item.socketId}`,
      ({ item }) => item,
      query,
    ),
    sinceMs: closed.wholeSinceMs(app),
  }));
  const find = allNodes.question("connection", ({ appId, socketId }: OneOf) => {
    const connection = hub.find(appId, socketId);
    return connection === null ? null : describeOpen(connection, channelsShownMax);
  });

  function closeHere({ appId, socketId }: OneOf): boolean {
    const connection = hub.find(appId, socketId);
    if (connection !== null) hub.close(connection, closeCodes.unauthorized, "Closed by an administrator");
    return connection !== null;
  }
  bus.onQuestion("close-connection", async (one) => ({ wasHere: closeHere(one) }));

  return {
    async listConnections({ app, query }) {
      const { parts, unanswered } = await listOpen({ appId: app.id, query });
      const { items, ...page } = mergePages(parts.map(withNode(({ answer }) => answer)), query);
      return { connections: items, ...page, unanswered };
    },
    async listClosedConnections({ app, query }) {
      const { id, createdAtMs } = app;
      const { parts, unanswered } = await listClosed({ app: { id, createdAtMs }, query });
      const { items, ...page } = mergePages(parts.map(withNode(({ answer }) => answer.page)), query);
      const sinceMs = allNodes.wholeSinceMs(parts.map(({ answer }) => answer.sinceMs));
      return { connections: items, ...page, rememberedSince: isoTime(sinceMs), unanswered };
    },
    async getConnection({ app, params: { socketId } }) {
      const { node, answer } = requireOpen(await find({ appId: app.id, socketId }), socketId);
      return { connection: { ...answer, node } };
    },
    async closeConnection({ app, actor, params: { socketId } }) {
      const one = { appId: app.id, socketId };
      const { nodeId, answer } = requireOpen(await find(one), socketId);
      // The audit entry is written first: a change that cannot be recorded is not made.
      await audit.append({
        ...auditActor(actor),
        action: "connection.close",
        target: `connection ${socketId}`,
        appId: app.id,
        before: { userId: answer.userId, address: answer.address },
        after: null,
      });
      if (closeHere(one)) return;
      const { silent } = await bus.askNode(nodeId, { type: "close-connection", ...one }, answerMs);
      refuseIfUnanswered(allNodes.named(silent), `It is not known whether connection ${socketId} was closed`);
    },
  };
}

interface ListOf {
  readonly appId: string;
  readonly query: EndpointValue<"listConnections", "query">;
}

interface ListOfClosed {
  readonly app: AppRef;
  readonly query: EndpointValue<"listClosedConnections", "query">;
}

/** Adds the node to each entry of its page. */
export function withNode<Answer, Item>(pageOf: (part: Part<Answer>) => KeyedPage<Item>) {
  return (part: Part<Answer>): KeyedPage<Item & Pick<Part<Answer>, "node">> => {
    const page = pageOf(part);
    const items = page.items.map(({ key, item }) => ({ key, item: { ...item, node: part.node } }));
    return { ...page, items };
  };
}

/** @throws Refusal `connection_not_found`; `nodes_unanswered` if it may be on a node that did not answer */
function requireOpen(
  { parts, unanswered }: Gathered<DescribedOpenConnection | null>,
  socketId: string,
): Part<DescribedOpenConnection> {
  for (const { answer, ...part } of parts) if (answer !== null) return { ...part, answer };
  const shown = socketId.slice(0, 50);
  refuseIfUnanswered(unanswered, `No other node has connection ${shown}`);
  throw new Refusal("connection_not_found", `No connection ${shown} is open`);
}

function isWanted(connection: Connection, { channel, userId, search }: ListOf["query"]): boolean {
  return (
    (channel === undefined || connection.subscriptions.has(channel)) &&
    (userId === undefined || userIdsOf(connection).includes(userId)) &&
    (search === "" || beginsWith(connection, search))
  );
}

function hasBeginning(closed: ClosedConnection, search: string): boolean {
  return [closed.socketId, closed.address, ...describedUserIds(closed)].some((text) =>
    text.startsWith(search),
  );
}

function beginsWith(connection: Connection, search: string): boolean {
  const { socketId, peer } = connection;
  return [socketId, peer.address, ...userIdsOf(connection)].some((text) => text.startsWith(search));
}
