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
  const tables: Record<string, { columns: string[]; rows: number }> = {};
  for (const [name, columns] of await columnsByTable(db, prefix)) {
    const { count } = await plain
      .selectFrom(name)
      .select(({ fn }) => fn.countAll<number>().as("count"))
      .executeTakeFirstOrThrow();
    tables[name.slice(prefix.length)] = {
      columns: columns.sort(),
      rows: count,
    };
  }
  const { rows } = await indexes[databaseType(db)].execute(plain);
  const names = rows.map(({ name }) => name).filter((name) => name.includes(prefix));
  return { tables, indexes: names.map((name) => name.replaceAll(prefix, "")).sort() };
}

/** The full names of the tables under a prefix. */
export async function tableNames(db: Database, prefix: string): Promise<string[]> {
  if (databaseType(db) !== "mysql") return [...(await columnsByTable(db, prefix)).keys()];
  const { rows } = await sql<{ name: string }>`
    select table_name as name from information_schema.tables where table_schema = database()`.execute(
    db.withoutPlugins(),
  );
  return rows.map(({ name }) => name).filter((name) => name.startsWith(prefix));
}

/** By full table name: each column with its type, and whether it may be null. */
async function columnsByTable(db: Database, prefix: string): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  const all = await (databaseType(db) === "mysql" ? mysqlColumns(db) : allColumns(db));
  for (const { table, name, dataType, isNullable } of all) {
    if (!table.startsWith(prefix)) continue;
    const columns = found.get(table) ?? [];
    columns.push(`${name} ${dataType} ${isNullable}`);
    found.set(table, columns);
  }
  return found;
}

interface Column {
  readonly table: string;
  readonly name: string;
  readonly dataType: string;
  readonly isNullable: boolean;
}

async function allColumns(db: Database): Promise<Column[]> {
  const tables = await db.withoutPlugins().introspection.getTables({ withInternalKyselyTables: true });
  return tables.flatMap(({ name: table, columns }) => columns.map((one) => ({ ...one, table })));
}

/** Kysely's own query joins two views, which takes MariaDB several times as long. */
async function mysqlColumns(db: Database): Promise<Column[]> {
  const { rows } = await sql<Omit<Column, "isNullable"> & { readonly nullable: string }>`
    select table_name as \`table\`, column_name as name, data_type as dataType, is_nullable as nullable
    from information_schema.columns where table_schema = database()`.execute(db.withoutPlugins());
  return rows.map((row) => ({ ...row, isNullable: row.nullable === "YES" }));
}
