/** The database that the operator chose: the embedded SQLite file, PostgreSQL, or MySQL and MariaDB. */
import { CamelCasePlugin, type Dialect, Kysely, MysqlAdapter, PostgresAdapter } from "kysely";
import { type TimeLimits, usualTimeLimits } from "./connection-limits.ts";
import type { Database, Schema } from "./schema.ts";
import { BunSqliteDialect, openSqliteFile } from "./sqlite.ts";
import { TablePrefixPlugin } from "./table-prefix.ts";

export interface DatabaseAddress {
  /** `postgres://…`, `mysql://…`, `mariadb://…`; null is the embedded file in the data folder. */
  readonly url: string | null;
  readonly dataDir: string;
  /** What the names of all tables begin with, such as `soketify_`. */
  readonly tablePrefix?: string;
}

/** The address that the options name. */
export function databaseAddress({
  databaseUrl: url,
  dataDir,
  tablePrefix,
}: Readonly<{ databaseUrl: string | null; dataDir: string; tablePrefix: string }>): DatabaseAddress {
  return { url, dataDir, tablePrefix };
}

export interface OpenOptions {
  /** Is handed the error of each query, besides whoever asked. */
  readonly onError?: (error: unknown) => void;
  readonly limits?: TimeLimits;
}

/**
 * Loads the driver and opens the file; a server is first reached by the first query.
 * @throws where the address is of no known kind, or the embedded file cannot be opened
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

/** The address as a person may read it, without the password. */
export function describeDatabase({ url, dataDir, tablePrefix = "" }: DatabaseAddress): string {
  const tables = tablePrefix === "" ? "" : ` (tables ${tablePrefix}*)`;
  if (url === null) return `the embedded database in ${dataDir}${tables}`;
  const { protocol, username, host, pathname } = parseUrl(url);
  return `${protocol}//${username === "" ? "" : `${username}@`}${host}${pathname}${tables}`;
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
