/** The database that the operator chose: the embedded SQLite file, PostgreSQL, or MySQL and MariaDB. */
import {
  CamelCasePlugin,
  type Dialect,
  Kysely,
  MysqlAdapter,
  MysqlDialect,
  PostgresAdapter,
  PostgresDialect,
} from "kysely";
import type { Database, Schema } from "./schema.ts";
import { BunSqliteDialect, openSqliteFile } from "./sqlite.ts";

const connectionsMax = 10;
const connectTimeoutMs = 5_000;
/** A server whose machine vanished is noticed by its silence. */
const keepAliveAfterMs = 10_000;
const queryTimeoutMs = 30_000;

export interface DatabaseAddress {
  /** `postgres://…`, `mysql://…`, `mariadb://…`; null is the embedded file in the data folder. */
  readonly url: string | null;
  readonly dataDir: string;
}

/**
 * Loads the driver and opens the file; a server is first reached by the first query.
 * @param onError is handed the error of each query, besides whoever asked
 * @throws where the address is of no known kind, or the embedded file cannot be opened
 */
export async function openDatabase(
  address: DatabaseAddress,
  onError?: (error: unknown) => void,
): Promise<Database> {
  return new Kysely<Schema>({
    dialect: await dialectFor(address),
    plugins: [new CamelCasePlugin()],
    ...(onError !== undefined && {
      log: (event) => {
        if (event.level === "error") onError(event.error);
      },
    }),
  });
}

/** The address as a person may read it, without the password. */
export function describeDatabase({ url, dataDir }: DatabaseAddress): string {
  if (url === null) return `the embedded database in ${dataDir}`;
  const { protocol, username, host, pathname } = parseUrl(url);
  return `${protocol}//${username === "" ? "" : `${username}@`}${host}${pathname}`;
}

/** Its name for people, such as `mariadb`. */
export function databaseKind(url: string | null): string {
  return url === null ? "sqlite" : parseUrl(url).protocol.slice(0, -1);
}

/** Which of the three it is, for a package that must be told. */
export function databaseType(db: Database): "sqlite" | "postgres" | "mysql" {
  const { adapter } = db.getExecutor();
  if (adapter instanceof PostgresAdapter) return "postgres";
  return adapter instanceof MysqlAdapter ? "mysql" : "sqlite";
}

async function dialectFor({ url, dataDir }: DatabaseAddress): Promise<Dialect> {
  if (url === null) return new BunSqliteDialect({ database: openSqliteFile(dataDir) });
  const { protocol } = parseUrl(url);
  switch (protocol) {
    case "postgres:":
    case "postgresql:":
      return postgresDialect(url);
    case "mysql:":
    case "mariadb:":
      return mysqlDialect(url);
    default:
      throw new Error(
        `A database URL starts with postgres://, mysql:// or mariadb://, not ${protocol}//; without one, the embedded database is used`,
      );
  }
}

function parseUrl(url: string): URL {
  // The text may hold a password, so it is not repeated.
  if (!URL.canParse(url))
    throw new Error(
      "The database URL is not a URL: it looks like postgres://user:password@host:5432/database",
    );
  return new URL(url);
}

async function postgresDialect(url: string): Promise<Dialect> {
  const { default: pg } = await import("pg");
  const pool = new pg.Pool({
    connectionString: url,
    max: connectionsMax,
    connectionTimeoutMillis: connectTimeoutMs,
    query_timeout: queryTimeoutMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: keepAliveAfterMs,
    types: {
      getTypeParser: (oid: number, format?: "text" | "binary") =>
        isNumber(oid) ? Number : pg.types.getTypeParser(oid, format ?? "text"),
    },
  });
  // An idle connection was cut: the pool has dropped it, and the next query that fails says why.
  pool.on("error", () => undefined);
  // The pool does not listen to a connection that is in use. If that one is cut, its query or the next one says so.
  pool.on("connect", (client) => client.on("error", () => undefined));
  return new PostgresDialect({ pool });

  /** int8 and numeric are text by default; no number here passes 2^53. */
  function isNumber(oid: number): boolean {
    return oid === pg.types.builtins.INT8 || oid === pg.types.builtins.NUMERIC;
  }
}

async function mysqlDialect(url: string): Promise<Dialect> {
  const { createPool } = await import("mysql2");
  return new MysqlDialect({
    pool: createPool({
      uri: url.replace(/^mariadb:/, "mysql:"),
      connectionLimit: connectionsMax,
      connectTimeout: connectTimeoutMs,
      enableKeepAlive: true,
      keepAliveInitialDelay: keepAliveAfterMs,
      charset: "utf8mb4_bin",
      // Columns of dates have no zone of their own; processes in two zones must agree.
      timezone: "Z",
      // Sums are decimals, and text by default; no number here passes 2^53.
      decimalNumbers: true,
    }),
  });
}
