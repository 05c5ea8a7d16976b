/** Sets up the sessions of MySQL and MariaDB as our statements require. */
import type { MysqlPool, MysqlPoolConnection, MysqlQueryResult } from "kysely";
import type { Pool, PoolConnection, RowDataPacket } from "mysql2";
import type { TimeLimits } from "./connection-limits.ts";
import { isMute } from "./database-error.ts";

/**
 * The driver writes values into the statement's text and escapes quotes with a backslash. In a mode in which a backslash is
 * an ordinary character, a value could end its text: so every session must use this mode, not the server's.
 */
const sqlMode =
  "STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION";

/** Modes under which our statements would have another meaning. */
const wrongModes = ["NO_BACKSLASH_ESCAPES", "ANSI_QUOTES", "ORACLE", "PAD_CHAR_TO_FULL_LENGTH"];

/** Settings that the server may have changed and that our statements depend on. */
const settings = [
  `sql_mode = '${sqlMode}'`,
  "autocommit = 1",
  "foreign_key_checks = 1",
  "unique_checks = 1",
  "sql_safe_updates = 0",
  "sql_auto_is_null = 0",
  "sql_select_limit = 18446744073709551615",
  "sql_big_selects = 1",
];

/** The longest time that MySQL accepts. */
const yearS = 31_536_000;

type Answer = (error: unknown, result: MysqlQueryResult) => void;

class SqlModeRefused extends Error {}

/** Returns connections whose session is set up. A connection whose setup fails is not used. */
export class MysqlSessions implements MysqlPool {
  readonly #pool: Pool;
  readonly #limits: TimeLimits;
  readonly #sessions = new WeakMap<PoolConnection, Session>();

  constructor(pool: Pool, limits: TimeLimits) {
    this.#pool = pool;
    this.#limits = limits;
  }

  getConnection(callback: (error: unknown, connection: MysqlPoolConnection) => void): void {
    this.#pool.getConnection((error, connection) => {
      if (error) return callback(error, undefined as never);
      const known = this.#sessions.get(connection);
      if (known !== undefined) return callback(null, known);
      const session = new Session(connection, this.#limits);
      setUp(session, this.#limits).then(
        () => {
          this.#sessions.set(connection, session);
          callback(null, session);
        },
        (why: unknown) => {
          connection.destroy();
          callback(why, undefined as never);
        },
      );
    });
  }

  end(callback: (error: unknown) => void): void {
    this.#pool.end(callback);
  }
}

/** Drops a connection that did not answer in time: the late answer would go to its next user. */
class Session implements MysqlPoolConnection {
  readonly #connection: PoolConnection;
  readonly #timeout: { readonly timeout?: number };
  #mute: Error | null = null;

  constructor(connection: PoolConnection, { answerMs }: TimeLimits) {
    this.#connection = connection;
    this.#timeout = answerMs === 0 ? {} : { timeout: answerMs };
  }

  query(sql: string, values: unknown[]): never;
  query(sql: string, values: unknown[], callback: Answer): void;
  query(sql: string, values: unknown[], callback?: Answer): void {
    if (callback === undefined) throw new Error("Streaming of rows is not supported");
    if (this.#mute !== null) callback(this.#mute, []);
    else
      this.#connection.query<RowDataPacket[]>({ sql, values, ...this.#timeout }, (error, result) => {
        if (error !== null && isMute(error)) this.#mute = error;
        callback(error, result);
      });
  }

  release(): void {
    if (this.#mute === null) this.#connection.release();
    else this.#connection.destroy();
  }
}

async function setUp(session: Session, limits: TimeLimits): Promise<void> {
  await ask(session, `set session ${[...settings, ...limitSettings(limits)].join(", ")}`);
  await ask(session, "set session transaction isolation level repeatable read");
  const result = await ask(session, "select @@session.sql_mode as mode");
  const mode = Array.isArray(result) ? String(result[0]?.mode) : "";
  const wrong = mode.split(",").filter((one) => wrongModes.includes(one));
  if (wrong.length === 0) return;
  throw new SqlModeRefused(
    `The database uses the SQL mode ${wrong.join(", ")}, and this session could not change it: set sql_mode of the server or the proxy to ${sqlMode}`,
  );
}

function ask(session: Session, sql: string): Promise<MysqlQueryResult> {
  return new Promise((resolve, reject) => {
    session.query(sql, [], (error, result) => (error ? reject(error) : resolve(result)));
  });
}

/** Only MariaDB reads a comment with `M!`; only MySQL reads one with `!50708`. */
function limitSettings({ statementMs, lockWaitMs, idleTransactionMs }: TimeLimits): string[] {
  const waitS = lockWaitMs === 0 ? yearS : Math.ceil(lockWaitMs / 1_000);
  const mariadb = [
    `/*M!100101 , max_statement_time = ${statementMs / 1_000} */`,
    `/*M!100300 , idle_transaction_timeout = ${Math.ceil(idleTransactionMs / 1_000)} */`,
  ];
  const mysql = `/*!50708 , max_execution_time = ${statementMs} */`;
  return [
    `innodb_lock_wait_timeout = ${waitS}`,
    `lock_wait_timeout = ${waitS} ${mariadb.join(" ")} ${mysql}`,
  ];
}
