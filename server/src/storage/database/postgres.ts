/** PostgreSQL: Kysely's dialect over a pool of `pg`, with sessions set up as our statements require. */
import {
  PostgresDialect,
  type PostgresPool,
  type PostgresPoolClient,
  type PostgresQueryResult,
} from "kysely";
import type { Pool, PoolClient } from "pg";
import { connectionsMax, connectTimeoutMs, keepAliveAfterMs, type TimeLimits } from "./connection-limits.ts";
import { isMute } from "./database-error.ts";
import { takeTls } from "./database-tls.ts";

/** Settings that the server, the database or the user may have changed and that our statements depend on. */
const settings = [
  // A backslash in a text is an ordinary character.
  "set standard_conforming_strings = on",
  "set datestyle = 'ISO, MDY'",
  "set timezone = 'UTC'",
  "set default_transaction_isolation = 'read committed'",
];

export async function postgresDialect(address: string, limits: TimeLimits): Promise<PostgresDialect> {
  const { default: pg } = await import("pg");
  const url = new URL(address);
  const tls = takeTls(url);
  const pool = new pg.Pool({
    connectionString: url.href,
    ssl: tls !== null && {
      ...tls,
      rejectUnauthorized: tls.isVerified,
      ...(!tls.isNameVerified && { checkServerIdentity: () => undefined }),
    },
    max: connectionsMax,
    connectionTimeoutMillis: connectTimeoutMs,
    query_timeout: limits.answerMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: keepAliveAfterMs,
    // A connection whose setup fails is not used.
    onConnect: async (client) => {
      await client.query([...settings, ...limitSettings(limits)].join("; "));
    },
    types: {
      getTypeParser: (oid: number, format?: "text" | "binary") =>
        isNumber(oid) ? Number : pg.types.getTypeParser(oid, format ?? "text"),
    },
  });
  // An idle connection broke: the pool has dropped it, and the next query that fails reports the reason.
  pool.on("error", () => undefined);
  // The pool does not listen to a connection in use. If that connection breaks, its current or next query reports it.
  pool.on("connect", (client) => client.on("error", () => undefined));
  return new PostgresDialect({ pool: sessionsOf(pool) });

  /** int8 and numeric are text by default; no number here exceeds 2^53. */
  function isNumber(oid: number): boolean {
    return oid === pg.types.builtins.INT8 || oid === pg.types.builtins.NUMERIC;
  }
}

function limitSettings({ statementMs, lockWaitMs, idleTransactionMs }: TimeLimits): string[] {
  return [
    `set statement_timeout = ${statementMs}`,
    `set lock_timeout = ${lockWaitMs}`,
    `set idle_in_transaction_session_timeout = ${idleTransactionMs}`,
  ];
}

function sessionsOf(pool: Pool): PostgresPool {
  return {
    connect: async () => new Session(await pool.connect()),
    end: () => pool.end(),
  };
}

/** Drops a connection that did not answer in time: the late answer would go to its next user. */
class Session implements PostgresPoolClient {
  readonly #client: PoolClient;
  #mute: Error | null = null;

  constructor(client: PoolClient) {
    this.#client = client;
  }

  query<Row>(sql: string, values: readonly unknown[]): Promise<PostgresQueryResult<Row>>;
  query(cursor: unknown): never;
  async query(sql: unknown, values: readonly unknown[] = []): Promise<unknown> {
    if (typeof sql !== "string") throw new Error("Cursors are not supported");
    if (this.#mute !== null) throw this.#mute;
    try {
      return await this.#client.query(sql, [...values]);
    } catch (error) {
      if (error instanceof Error && isMute(error)) this.#mute = error;
      throw error;
    }
  }

  release(): void {
    this.#client.release(this.#mute ?? undefined);
  }
}
