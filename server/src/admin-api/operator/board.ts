/** `GET /board`: the apps with their figures of the last hour, sorted by any of them. */
import type { App } from "../../core/apps/app.ts";
import type { AppRegistry } from "../../core/apps/app-registry.ts";
import { shareOf } from "../../core/limits/limit-use.ts";
import type { AllNodes } from "../../management/all-nodes.ts";
import type { ReadLimits } from "../../management/read-limits.ts";
import type { ReadRecent, RecentFigures } from "../../management/read-recent.ts";
import { type DescribeApp, matchesSearch } from "../apps/apps.ts";
import type { ReadWebhookStates } from "../apps/webhook-states.ts";
import { type BoardRow, type BoardSort, webhookConditions } from "../contracts/board.ts";
import type { NodeName } from "../contracts/common.ts";
import { type Handlers, isoTime } from "../handlers.ts";
import { cursorNotOfPage, decodeCursor, encodeCursor } from "../page.ts";

export interface BoardNeeds {
  readonly registry: Pick<AppRegistry, "all">;
  readonly describeApp: DescribeApp;
  readonly webhookStates: ReadWebhookStates;
  readonly limits: Pick<ReadLimits, "near">;
  readonly readRecent: ReadRecent;
  /** The errors on this node in the last complete minute, by app id. */
  readonly errorsOfLastMinute: () => ReadonlyMap<string, number>;
  readonly allNodes: AllNodes;
}

type Row = Omit<BoardRow, "lastHour"> & { readonly createdAt: string };
type Key = string | number;

export function createBoardHandlers(needs: BoardNeeds): Handlers<"board"> {
  const { registry, describeApp, webhookStates, limits, readRecent, allNodes } = needs;
  const errorsOf = allNodes.question("errors of the last minute", () => [...needs.errorsOfLastMinute()]);

  async function rowsOf(apps: readonly App[]): Promise<{ rows: Row[]; unanswered: NodeName[] }> {
    const [webhooks, near, errors] = await Promise.all([
      webhooksByApp(webhookStates),
      limits.near(),
      errorsOf({}),
    ]);
    const errorsByApp = new Map<string, number>();
    for (const [appId, count] of errors.parts.flatMap(({ answer }) => answer))
      errorsByApp.set(appId, (errorsByApp.get(appId) ?? 0) + count);
    const rows = apps.map((app): Row => {
      const { id, key, name, isEnabled, secret, connectionCount, messagesLastMinute } = describeApp(app);
      return {
        id,
        key,
        name,
        isEnabled,
        isRotating: secret.isRotating,
        messagesLastMinute,
        connections: connectionCount,
        connectionsMax: app.settings.connectionsMax,
        errorsLastMinute: errorsByApp.get(id) ?? 0,
        webhooks: webhooks.get(id) ?? null,
        nearLimits: (near.byApp.get(id) ?? []).map(({ node, peak, peakOver, ...use }) => use),
        createdAt: isoTime(app.createdAtMs),
      };
    });
    const silent = new Map([...near.unanswered, ...errors.unanswered].map((node) => [node.id, node]));
    return { rows, unanswered: [...silent.values()] };
  }

  return {
    async board({ principal, query: { search, sort, order, limit, cursor } }) {
      const visible = registry
        .all()
        .filter((app) => principal.can("app.read", app.id) && matchesSearch(app, search));
      const { rows, unanswered } = await rowsOf(visible);
      const way = order === "asc" ? 1 : -1;
      const keyed = rows.map((row) => ({ row, key: keyOf(row, sort), tie: `${row.createdAt} ${row.id}` }));
      const compare = (one: SortKeys, other: SortKeys) =>
        way * byKey(one.key, other.key) || byKey(one.tie, other.tie);
      keyed.sort(compare);
      const last = cursor === undefined ? null : sortKeysOf(cursor);
      const rest = last === null ? keyed : keyed.filter((one) => compare(one, last) > 0);
      const page = rest.slice(0, limit);
      const end = page.at(-1);
      const figures = await readRecent(page.map(({ row }) => row.id));
      return {
        apps: page.map(({ row: { createdAt: _, ...row } }) => ({
          ...row,
          lastHour: lastHourOf(figures.get(row.id)),
        })),
        total: rows.length,
        nextCursor:
          end === undefined || rest.length <= limit ? null : encodeCursor(JSON.stringify([end.key, end.tie])),
        unanswered,
      };
    },
  };
}

/** The keys by which a row can be sorted. */
interface SortKeys {
  readonly key: Key;
  readonly tie: string;
}

function keyOf(row: Row, sort: BoardSort): Key {
  switch (sort) {
    case "created":
      return row.createdAt;
    case "name":
      return row.name.toLowerCase();
    case "connections":
      return row.connections;
    case "messages":
      return row.messagesLastMinute;
    case "errors":
      return row.errorsLastMinute;
    case "webhooks":
      return row.webhooks === null ? -1 : webhookConditions.indexOf(row.webhooks.condition);
    case "limits":
      return Math.max(0, ...row.nearLimits.map(shareOf));
    default:
      throw sort satisfies never;
  }
}

function byKey(one: Key, other: Key): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

function sortKeysOf(cursor: string): SortKeys {
  try {
    const [key, tie]: unknown[] = JSON.parse(decodeCursor(cursor));
    if ((typeof key === "string" || typeof key === "number") && typeof tie === "string") return { key, tie };
  } catch {
    // The error is thrown below.
  }
  throw cursorNotOfPage();
}

/** The worst condition of each app's webhooks, and how many are in it. */
async function webhooksByApp(
  read: ReadWebhookStates,
): Promise<Map<string, NonNullable<BoardRow["webhooks"]>>> {
  const worst = new Map<string, NonNullable<BoardRow["webhooks"]>>();
  const badness = (condition: (typeof webhookConditions)[number]) => webhookConditions.indexOf(condition);
  for (const { webhook, condition } of await read()) {
    const known = worst.get(webhook.appId);
    const isWorse = known === undefined || badness(condition) > badness(known.condition);
    if (isWorse) worst.set(webhook.appId, { condition, amount: 1 });
    else if (known.condition === condition) worst.set(webhook.appId, { condition, amount: known.amount + 1 });
  }
  return worst;
}

function lastHourOf(figures: RecentFigures | undefined): BoardRow["lastHour"] {
  const { connections = [], messages = [], errors = [] } = figures ?? {};
  return { connections: [...connections], messages: [...messages], errors: [...errors] };
}
