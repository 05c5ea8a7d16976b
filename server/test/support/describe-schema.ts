/** The tables, columns and indexes of a database under one prefix, to compare two databases. */
import { type Kysely, sql } from "kysely";
import { databaseType } from "../../src/storage/database/open-database.ts";
import type { Database } from "../../src/storage/database/schema.ts";

const indexes = {
  sqlite: sql<{ name: string }>`select name from sqlite_master where type = 'index'`,
  postgres: sql<{
    name: string;
  }>`select indexname as name from pg_indexes where schemaname = current_schema()`,
  mysql: sql<{ name: string }>`
    select distinct concat(table_name, '.', index_name) as name from information_schema.statistics
    where table_schema = database()`,
};

/** By table, without the prefix: its columns with their types, and its number of rows. */
export async function describeSchema(db: Database, prefix: string) {
  const plain = db.withoutPlugins() as unknown as Kysely<Record<string, object>>;
  const all = await plain.introspection.getTables({ withInternalKyselyTables: true });
  const tables: Record<string, { columns: string[]; rows: number }> = {};
  for (const { name, columns } of all) {
    if (!name.startsWith(prefix)) continue;
    const { count } = await plain
      .selectFrom(name)
      .select(({ fn }) => fn.countAll<number>().as("count"))
      .executeTakeFirstOrThrow();
    tables[name.slice(prefix.length)] = {
      columns: columns.map((one) => `${one.name} ${one.dataType} ${one.isNullable}`).sort(),
      rows: count,
    };
  }
  const { rows } = await indexes[databaseType(db)].execute(plain);
  const names = rows.map(({ name }) => name).filter((name) => name.includes(prefix));
  return { tables, indexes: names.map((name) => name.replaceAll(prefix, "")).sort() };
}
