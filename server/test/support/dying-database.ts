/** A database whose process is killed after a number of statements: later statements are not sent. */
import {
  CamelCasePlugin,
  type CompiledQuery,
  type DatabaseConnection,
  type Driver,
  Kysely,
  type QueryResult,
} from "kysely";
import { usualTimeLimits } from "../../src/storage/database/connection-limits.ts";
import { type DatabaseAddress, dialectFor } from "../../src/storage/database/open-database.ts";
import type { Database, Schema } from "../../src/storage/database/schema.ts";
import { TablePrefixPlugin } from "../../src/storage/database/table-prefix.ts";

export class Killed extends Error {}

/** The number of statements that the process may still send, and the number of sent ones. */
export interface Life {
  left: number;
  sent: number;
}

export async function openDying(address: DatabaseAddress, life: Life): Promise<Database> {
  const dialect = await dialectFor(address, usualTimeLimits);
  return new Kysely<Schema>({
    dialect: {
      createAdapter: () => dialect.createAdapter(),
      createDriver: () => new DyingDriver(dialect.createDriver(), life),
      createIntrospector: (db) => dialect.createIntrospector(db),
      createQueryCompiler: () => dialect.createQueryCompiler(),
    },
    plugins: [new CamelCasePlugin(), new TablePrefixPlugin(address.tablePrefix ?? "")],
  });
}

class DyingDriver implements Driver {
  readonly #driver: Driver;
  readonly #life: Life;

  constructor(driver: Driver, life: Life) {
    this.#driver = driver;
    this.#life = life;
  }

  init() {
    return this.#driver.init();
  }

  async acquireConnection() {
    return new DyingConnection(await this.#driver.acquireConnection(), this.#life);
  }

  beginTransaction(...[connection, settings]: Parameters<Driver["beginTransaction"]>) {
    return this.#driver.beginTransaction(connection, settings);
  }

  commitTransaction(connection: DatabaseConnection) {
    return this.#driver.commitTransaction(connection);
  }

  rollbackTransaction(connection: DatabaseConnection) {
    return this.#driver.rollbackTransaction(connection);
  }

  releaseConnection(connection: DyingConnection) {
    return this.#driver.releaseConnection(connection.inner);
  }

  destroy() {
    return this.#driver.destroy();
  }
}

class DyingConnection implements DatabaseConnection {
  readonly inner: DatabaseConnection;
  readonly #life: Life;

  constructor(inner: DatabaseConnection, life: Life) {
    this.inner = inner;
    this.#life = life;
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    if (this.#life.left === 0) throw new Killed(`Killed after ${this.#life.sent} statements`);
    this.#life.left -= 1;
    this.#life.sent += 1;
    return this.inner.executeQuery<Row>(query);
  }

  streamQuery(): never {
    throw new Error("Nobody here reads rows as a stream");
  }
}
