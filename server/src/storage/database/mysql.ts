/** MySQL and MariaDB: Kysely's dialect over a pool of `mysql2`. */
import { MysqlDialect } from "kysely";
import { connectionsMax, connectTimeoutMs, keepAliveAfterMs, type TimeLimits } from "./connection-limits.ts";
import { takeTls } from "./database-tls.ts";
import { MysqlSessions } from "./mysql-sessions.ts";

export async function mysqlDialect(address: string, limits: TimeLimits): Promise<MysqlDialect> {
  const { createPool } = await import("mysql2");
  const url = new URL(address.replace(/^mariadb:/, "mysql:"));
  const tls = takeTls(url);
  const pool = createPool({
    uri: url.href,
    ...(tls !== null && {
      ssl: { ...tls, rejectUnauthorized: tls.isVerified, verifyIdentity: tls.isNameVerified },
    }),
    connectionLimit: connectionsMax,
    connectTimeout: connectTimeoutMs,
    enableKeepAlive: true,
    keepAliveInitialDelay: keepAliveAfterMs,
    charset: "utf8mb4_bin",
    // Date columns have no time zone, and processes in two zones must agree.
    timezone: "Z",
    // Sums are decimals, which are text by default; no number here exceeds 2^53.
    decimalNumbers: true,
  });
  return new MysqlDialect({ pool: new MysqlSessions(pool, limits) });
}
