/** The database's own clock. Nodes measure waits with it, because their own clocks differ. */
import { type RawBuilder, sql } from "kysely";
import { databaseType } from "./open-database.ts";
import type { Database } from "./schema.ts";

/** An expression for the Unix time in milliseconds. */
export type DatabaseClock = () => RawBuilder<number>;

export function databaseClock(db: Database): DatabaseClock {
  switch (databaseType(db)) {
    case "sqlite":
      return () => sql<number>`cast(unixepoch('subsec') * 1000 as integer)`;
    case "postgres":
      // statement_timestamp() has one value for the whole statement; only such a value can use an index.
      return () => sql<number>`cast(extract(epoch from statement_timestamp()) * 1000 as bigint)`;
    case "mysql":
      // In UTC: a session's own time zone repeats an hour each autumn.
      return () => sql<number>`(timestampdiff(microsecond, '1970-01-01', utc_timestamp(3)) div 1000)`;
  }
}

export async function readClock(db: Database, clock: DatabaseClock): Promise<number> {
  const { nowMs } = await db.selectNoFrom(clock().as("nowMs")).executeTakeFirstOrThrow();
  return nowMs;
}
