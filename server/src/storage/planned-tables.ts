/** Which tables a migration step makes, learnt by running it against no database. */
import {
  DummyDriver,
  Kysely,
  type KyselyPlugin,
  type Migration,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from "kysely";
import type { Database } from "./schema.ts";

export interface PlannedTable {
  /** Without the prefix. */
  readonly name: string;
  readonly columns: readonly string[];
}

/** @param db is not asked: it says only which kind of database the step is written for */
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
