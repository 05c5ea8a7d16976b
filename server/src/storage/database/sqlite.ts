/** SQLite: Kysely's SQLite dialect over the runtime's own SQLite. */
import { type SQLQueryBindings, Database as SqliteFile } from "bun:sqlite";
import { join } from "node:path";
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Driver,
  SqliteAdapter,
  type SqliteDatabase,
  SqliteDialect,
  SqliteDriver,
} from "kysely";
import { againOnConflict } from "./atomically.ts";
import { makePrivateFile, protectDataFolder } from "./data-folder.ts";
import { isConflict, isDamage } from "./database-error.ts";
import { explainDamage } from "./sqlite-damage.ts";

/**
 * Waiting for another process's lock blocks this process, so the wait is short, and there is none if the last wait failed.
 * atomically() then waits without blocking.
 */
const busyTimeoutMs = 100;

/** SQLite can roll back schema changes. This flag makes the migrations of two processes exclude each other. */
class TransactionalSqliteAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

export class BunSqliteDialect extends SqliteDialect {
  readonly #file: OpenSqliteFile;

  constructor(file: OpenSqliteFile) {
    super({ database: file });
    this.#file = file;
  }

  override createDriver(): Driver {
    return new PatientDriver(this.#file);
  }

  override createAdapter(): SqliteAdapter {
    return new TransactionalSqliteAdapter();
  }
}

/** Retries a single statement that meets another process's lock, as `atomically` retries a transaction. */
class PatientDriver extends SqliteDriver {
  readonly #file: OpenSqliteFile;

  constructor(file: OpenSqliteFile) {
    super({ database: file });
    this.#file = file;
  }

  override async acquireConnection(): Promise<DatabaseConnection> {
    const connection = await super.acquireConnection();
    return {
      executeQuery: <Row>(query: CompiledQuery) => {
        const run = async () => connection.executeQuery<Row>(query);
        if (this.#file.inTransaction || query.sql === "begin") return run();
        return againOnConflict(run, (ms) => this.#waitUnlocked(ms));
      },
      streamQuery: (query, chunkSize) => connection.streamQuery(query, chunkSize),
    };
  }

  /** Releases the only connection while it waits, so that reads do not wait for the other process. */
  async #waitUnlocked(ms: number): Promise<void> {
    await super.releaseConnection();
    await Bun.sleep(ms);
    await super.acquireConnection();
  }
}

export interface OpenSqliteFile extends SqliteDatabase {
  readonly inTransaction: boolean;
}

export function sqliteFile(dataDir: string): string {
  return join(dataDir, "soketify.db");
}

/** @throws if the folder or the file cannot be written, or the file is damaged */
export function openSqliteFile(dataDir: string): OpenSqliteFile {
  const path = sqliteFile(dataDir);
  let file: SqliteFile | null = null;
  try {
    protectDataFolder(dataDir);
    // SQLite would create a file that every user can read, and copies its mode to the files beside it.
    makePrivateFile(path);
    file = new SqliteFile(path, { create: true });
    file.run(`pragma busy_timeout = ${busyTimeoutMs}`);
    file.run("pragma journal_mode = wal");
    file.run("pragma foreign_keys = on");
    // A confirmed rotation must survive a power failure; writes are rare enough for the cost.
    file.run("pragma synchronous = full");
    return asSqliteDatabase(file);
  } catch (error) {
    file?.close();
    const why = error instanceof Error ? error.message : String(error);
    if (isDamage(error)) throw new Error(`Cannot open the database: ${explainDamage(path, why)}`);
    throw new Error(
      `Cannot open the database ${path}: ${why}. The folder must exist or be creatable, be writable, and have free space on its disk`,
    );
  }
}

function asSqliteDatabase(file: SqliteFile): OpenSqliteFile {
  let isWaiting = true;
  const waitNextTime = (waits: boolean) => {
    if (isWaiting === waits) return;
    isWaiting = waits;
    file.run(`pragma busy_timeout = ${waits ? busyTimeoutMs : 0}`);
  };
  const run = <Result>(statement: () => Result, isWrite: boolean): Result => {
    try {
      const result = statement();
      if (isWrite) waitNextTime(true);
      return result;
    } catch (error) {
      if (isConflict(error)) waitNextTime(false);
      throw error;
    }
  };
  return {
    get inTransaction() {
      return file.inTransaction;
    },
    close: () => file.close(),
    prepare(text) {
      // Every transaction here writes. Taking the lock at the start waits for it; taking it later would fail immediately.
      const statement = file.query(text === "begin" ? "begin immediate" : text);
      const isRead = /^\s*(select|with|pragma)\b/i.test(text);
      const bindings = (parameters: readonly unknown[]) => parameters as SQLQueryBindings[];
      return {
        reader: statement.columnNames.length > 0,
        all: (parameters) => run(() => statement.all(...bindings(parameters)), !isRead),
        run: (parameters) => {
          // A full disk has rolled back the transaction already, and the caller must get that error instead of this one's.
          if (text === "rollback" && !file.inTransaction) return { changes: 0, lastInsertRowid: 0 };
          return run(() => statement.run(...bindings(parameters)), !isRead);
        },
        iterate: (parameters) => statement.iterate(...bindings(parameters)),
      };
    },
  };
}
