import { expect, test } from "bun:test";
import type { Pool } from "mysql2";
import { usualTimeLimits } from "./connection-limits.ts";
import { MysqlSessions } from "./mysql-sessions.ts";

/** Like a proxy that keeps the SQL mode of the server behind it, even if the client sets another. */
function stage(mode: string) {
  const asked: string[] = [];
  let destroyed = 0;
  const connection = {
    query({ sql }: { sql: string }, answer: (error: unknown, rows: object[]) => void) {
      asked.push(sql);
      answer(null, sql.startsWith("select") ? [{ mode }] : []);
    },
    release: () => undefined,
    destroy() {
      destroyed += 1;
    },
  };
  const pool = {
    getConnection: (answer: (error: unknown, one: object) => void) => answer(null, connection),
    end: () => undefined,
  };
  const sessions = new MysqlSessions(pool as unknown as Pool, usualTimeLimits);
  const connect = () =>
    new Promise((resolve, reject) => {
      sessions.getConnection((error, one) => (error === null ? resolve(one) : reject(error)));
    });
  return { connect, asked, destroyed: () => destroyed };
}

test.each(["NO_BACKSLASH_ESCAPES", "ORACLE", "ANSI_QUOTES"])(
  "a session that cannot leave the mode %s is refused with an explanation",
  async (mode) => {
    const { connect, destroyed } = stage(`STRICT_TRANS_TABLES,${mode}`);
    await expect(connect()).rejects.toThrow(
      `The database uses the SQL mode ${mode}, and this session could not change it: set sql_mode of the server or the proxy to STRICT_TRANS_TABLES`,
    );
    expect(destroyed()).toBe(1);
  },
);

test("a session is set up once, before its first other statement", async () => {
  const { connect, asked } = stage("STRICT_TRANS_TABLES");
  await connect();
  expect(asked[0]).toStartWith("set session sql_mode = 'STRICT_TRANS_TABLES,");
  const count = asked.length;
  await connect();
  expect(asked).toHaveLength(count);
});
