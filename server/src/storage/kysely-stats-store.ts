/** The apps' figures in a database. */
import { type Expression, type RawBuilder, sql } from "kysely";
import {
  type AppStats,
  noStats,
  type RecentPoint,
  type StatsPoint,
  type StatsResolution,
  type StatsStore,
  statsSpanMs,
} from "../core/ports/stats-store.ts";
import { atomically } from "./database/atomically.ts";
import { databaseType } from "./database/open-database.ts";
import type { Database } from "./database/schema.ts";

const rowsPerStatementMax = 100;
/** No app has this id. Its rows record which minutes, hours and days were counted. */
const countedId = "";

/** The peak is before the connections, because MySQL assigns in this order, and the peak reads both stored values. */
const figures = [
  "connectionsPeak",
  "connections",
  "messagesIn",
  "messagesOut",
  "apiRequests",
  "errors",
] as const satisfies (keyof AppStats)[];

type Figure = (typeof figures)[number];
type Value = (name: Figure) => Expression<number>;
type Merge = (name: Figure, stored: Value, given: Value) => Expression<number>;

const added: Merge = (name, stored, given) => {
  const sum = (of: Figure) => sql<number>`(${stored(of)} + ${given(of)})`;
  return name === "connectionsPeak"
    ? higher(higher(stored(name), given(name)), sum("connections"))
    : sum(name);
};
const replaced: Merge = (name, _, given) => given(name);

/** The databases have different functions for it. */
function higher(one: Expression<number>, other: Expression<number>): Expression<number> {
  return sql`(case when ${one} > ${other} then ${one} else ${other} end)`;
}

export class KyselyStatsStore implements StatsStore {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  async addMinute(minuteStartMs: number, statsByApp: ReadonlyMap<string, AppStats>): Promise<void> {
    // Sorted, so that two nodes that update the same rows do not deadlock.
    const rows = [[countedId, noStats] as const, ...statsByApp].sort(([one], [other]) =>
      one < other ? -1 : 1,
    );
    // All or nothing, so that a caller that retries after an error counts nothing twice.
    await atomically(this.#db, async (transaction) => {
      for (let start = 0; start < rows.length; start += rowsPerStatementMax) {
        const values = rows
          .slice(start, start + rowsPerStatementMax)
          .map(([appId, stats]) => row("minute", appId, minuteStartMs, stats));
        await this.#insert(sql`values ${sql.join(values)}`, added).execute(transaction);
      }
    });
  }

  async rollUp(): Promise<void> {
    await this.#rollUp("minute", "hour");
    await this.#rollUp("hour", "day");
  }

  async series(
    appId: string,
    resolution: StatsResolution,
    fromMs: number,
    toMs: number,
  ): Promise<StatsPoint[]> {
    const rows = await this.#db
      .selectFrom("appStats")
      .select(["startMs", ...figures])
      .where("resolution", "=", resolution)
      .where("appId", "in", [countedId, appId])
      .where("startMs", ">=", fromMs)
      .where("startMs", "<", toMs)
      .orderBy("startMs")
      .orderBy("appId")
      .execute();
    // The app's own row comes second, and replaces the row that only records that the span was counted.
    return [...new Map(rows.map((point) => [point.startMs, point])).values()];
  }

  async recent(
    appIds: readonly string[],
    fromMs: number,
    stepMs: number,
  ): Promise<Map<string, RecentPoint[]>> {
    const byApp = new Map<string, RecentPoint[]>();
    if (appIds.length === 0) return byApp;
    const step = sql<number>`start_ms - start_ms % ${sql.lit(stepMs)}`;
    const rows = await this.#db
      .selectFrom("appStats")
      .select(({ fn }) => [
        "appId",
        step.as("startMs"),
        fn.max<number>("connectionsPeak").as("connectionsPeak"),
        sql<number>`sum(messages_in + messages_out)`.as("messages"),
        fn.sum<number>("errors").as("errors"),
      ])
      .where("resolution", "=", "minute")
      .where("appId", "in", appIds)
      .where("startMs", ">=", fromMs)
      .groupBy(["appId", step])
      .orderBy("startMs")
      .execute();
    for (const { appId, ...point } of rows) {
      // Some databases answer a sum as text.
      const { startMs, connectionsPeak, messages, errors } = point;
      const points = byApp.get(appId) ?? [];
      points.push({
        startMs: Number(startMs),
        connectionsPeak: Number(connectionsPeak),
        messages: Number(messages),
        errors: Number(errors),
      });
      byApp.set(appId, points);
    }
    return byApp;
  }

  async peaks(fromMs: number): Promise<Map<string, number>> {
    const rows = await this.#db
      .selectFrom("appStats")
      .select(({ fn }) => ["appId", fn.max<number>("connectionsPeak").as("peak")])
      .where("resolution", "=", "hour")
      .where("startMs", ">=", fromMs)
      .groupBy("appId")
      .execute();
    return new Map(rows.map(({ appId, peak }) => [appId, Number(peak)]));
  }

  async prune(beforeMs: { readonly [Resolution in StatsResolution]: number }): Promise<void> {
    for (const resolution of Object.keys(statsSpanMs) as StatsResolution[])
      await atomically(this.#db, (transaction) =>
        transaction
          .deleteFrom("appStats")
          .where("resolution", "=", resolution)
          .where("startMs", "<", beforeMs[resolution])
          .execute(),
      );
  }

  /** Starts one span before the newest existing one, because a slow node may have added to that one since. */
  async #rollUp(from: StatsResolution, to: StatsResolution): Promise<void> {
    const span = sql.lit(statsSpanMs[to]);
    const newest = await this.#db
      .selectFrom("appStats")
      .select(({ fn }) => fn.max("startMs").as("startMs"))
      .where("resolution", "=", to)
      .executeTakeFirst();
    const fromMs = (newest?.startMs ?? 0) - statsSpanMs[to];
    const spans = sql`
      select ${sql.lit(to)}, app_id, start_ms - start_ms % ${span}, max(connections_peak), round(avg(connections)),
        sum(messages_in), sum(messages_out), sum(api_requests), sum(errors)
      from ${sql.table("appStats")} where resolution = ${from} and start_ms >= ${fromMs}
      group by app_id, start_ms - start_ms % ${span} order by 2, 3`;
    await atomically(this.#db, (transaction) => this.#insert(spans, replaced).execute(transaction));
  }

  /** Inserts rows; if a row exists already, merges each figure. The databases have two syntaxes for this. */
  #insert(rows: RawBuilder<unknown>, merge: Merge): RawBuilder<unknown> {
    const mysql = databaseType(this.#db) === "mysql";
    const stored: Value = (name) => sql.ref(`appStats.${name}`);
    const given: Value = (name) =>
      mysql ? sql<number>`values(${sql.ref(name)})` : sql.ref<number>(`excluded.${name}`);
    const merged = figures.map((name) => sql`${sql.ref(name)} = ${merge(name, stored, given)}`);
    const onTaken = mysql
      ? sql`on duplicate key update`
      : sql`on conflict (resolution, app_id, start_ms) do update set`;
    const columns = sql.join(["resolution", "appId", "startMs", ...figures].map((name) => sql.ref(name)));
    return sql`insert into ${sql.table("appStats")} (${columns}) ${rows} ${onTaken} ${sql.join(merged)}`;
  }
}

function row(resolution: StatsResolution, appId: string, startMs: number, stats: AppStats) {
  return sql`(${sql.join([resolution, appId, startMs, ...figures.map((name) => stats[name])])})`;
}
