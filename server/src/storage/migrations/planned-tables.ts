/** Finds out which tables a migration step creates, by running it without a database. */
import {
  DummyDriver,
  Kysely,
  type KyselyPlugin,
  type Migration,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from "kysely";
import type { Database } from "../database/schema.ts";

export interface PlannedTable {
  /** Without the prefix. */
  readonly name: string;
  readonly columns: readonly string[];
}

/** @param db is not queried: it only determines the kind of database that the step is run for */
export async function plannedTables(db: Database, { up }: Migration): Promise<PlannedTable[]> {
  const tables: PlannedTable[] = [];
  const recorder: KyselyPlugin = {
    transformQuery({ node }) {
      if (node.kind === "CreateTableNode")
        tables.push({
          name: node.table.table.identifier.name,
          columns: node.columns.map(({ column }) => column.column.name),
        });
      return node;
    },
    transformResult: async ({ result }) => result,
  };
  const { adapter } = db.getExecutor();
  const nowhere = new Kysely<unknown>({
    dialect: {
      createAdapter: () => adapter,
      createDriver: () => new DummyDriver(),
      createIntrospector: (any) => new SqliteIntrospector(any),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
    plugins: [recorder],
  });
  await up(nowhere);
  return tables;
}
