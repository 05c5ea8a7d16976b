/** Opens the database that the operator chose: the SQLite file, PostgreSQL, or MySQL and MariaDB. */
import { CamelCasePlugin, type Dialect, Kysely, MysqlAdapter, PostgresAdapter } from "kysely";
import { type TimeLimits, usualTimeLimits } from "./connection-limits.ts";
import type { Database, Schema } from "./schema.ts";
import { BunSqliteDialect, openSqliteFile } from "./sqlite.ts";
import { TablePrefixPlugin } from "./table-prefix.ts";

export interface DatabaseAddress {
  /** `postgres://…`, `mysql://…`, `mariadb://…`; null for the SQLite file in the data folder. */
  readonly url: string | null;
  readonly dataDir: string;
  /** The prefix of all table names, such as `soketify_`. */
  readonly tablePrefix?: string;
}

/** The address in the options. */
export function databaseAddress({
  databaseUrl: url,
  dataDir,
  tablePrefix,
}: Readonly<{ databaseUrl: string | null; dataDir: string; tablePrefix: string }>): DatabaseAddress {
  return { url, dataDir, tablePrefix };
}

export interface OpenOptions {
  /** Called with the error of each query, in addition to the caller of the query. */
  readonly onError?: (error: unknown) => void;
  readonly limits?: TimeLimits;
}

/**
 * Loads the driver and opens the file; a database server is first contacted by the first query.
 * @throws if the URL has an unknown scheme, or if the SQLite file cannot be opened
 */
export async function openDatabase(
  address: DatabaseAddress,
  { onError, limits = usualTimeLimits }: OpenOptions = {},
): Promise<Database> {
  return new Kysely<Schema>({
    dialect: await dialectFor(address, limits),
    plugins: [new CamelCasePlugin(), new TablePrefixPlugin(address.tablePrefix ?? "")],
    ...(onError !== undefined && {
      log: (event) => {
        if (event.level === "error") onError(event.error);
      },
    }),
  });
}

/** The address for people to read, without the password. */
export function describeDatabase({ url, dataDir, tablePrefix = "" }: DatabaseAddress): string {
  const tables = tablePrefix === "" ? "" : ` (tables ${tablePrefix}*)`;
  if (url === null) return `the embedded database in ${dataDir}${tables}`;
  const { protocol, username, host, pathname } = parseUrl(url);
  return `${protocol}//${username === "" ? "" : `${username}@`}${host}${pathname}${tables}`;
}

/** The database's name for people, such as `mariadb`. */
export function databaseKind(url: string | null): string {
  return url === null ? "sqlite" : parseUrl(url).protocol.slice(0, -1);
}

/** The kind of database, for statements that differ between the three. MariaDB counts as MySQL. */
export function databaseType(db: Pick<Kysely<unknown>, "getExecutor">): "sqlite" | "postgres" | "mysql" {
  const { adapter } = db.getExecutor();
  if (adapter instanceof PostgresAdapter) return "postgres";
  return adapter instanceof MysqlAdapter ? "mysql" : "sqlite";
}

export async function dialectFor({ url, dataDir }: DatabaseAddress, limits: TimeLimits): Promise<Dialect> {
  if (url === null) return new BunSqliteDialect(openSqliteFile(dataDir));
  const { protocol } = parseUrl(url);
  switch (protocol) {
    case "postgres:":
    case "postgresql:":
      return (await import("./postgres.ts")).postgresDialect(url, limits);
    case "mysql:":
    case "mariadb:":
      return (await import("./mysql.ts")).mysqlDialect(url, limits);
    default:
      throw new Error(
        `A database URL must start with postgres://, mysql:// or mariadb://, not ${protocol}//; without one, the embedded database is used`,
      );
  }
}

function parseUrl(url: string): URL {
  // The text may contain a password, so the error does not repeat it.
  if (!URL.canParse(url))
    throw new Error(
      "The database URL is not a valid URL: expected, for example, postgres://user:password@host:5432/database",
    );
  return new URL(url);
}
