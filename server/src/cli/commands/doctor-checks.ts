/** The checks of `soketify doctor`, one function each. An error that a check throws counts as a problem. */
import { existsSync } from "node:fs";
import { sql } from "kysely";
import type { Config } from "../../config/config.ts";
import { hostInUrl } from "../../config/host.ts";
import { descriptorsMax } from "../../config/machine.ts";
import { explainDatabaseError } from "../../storage/database/explain-database-error.ts";
import { databaseAddress, describeDatabase, openDatabase } from "../../storage/database/open-database.ts";
import type { Database } from "../../storage/database/schema.ts";
import { sqliteFile } from "../../storage/database/sqlite.ts";
import { damageOf, explainDamage } from "../../storage/database/sqlite-damage.ts";
import { readMasterKey } from "../../storage/keys/master-key.ts";
import { firstStep, readMigrationState } from "../../storage/migrations/migrate.ts";
import { certificateProblems } from "../certificate-problems.ts";
import { localAdmin } from "../local-admin.ts";
import { findLocalServer } from "../local-server.ts";
import { describeRedis, problemsOf, readRedis } from "./doctor-redis.ts";
import { checkWebhooks } from "./doctor-webhooks.ts";
import { type Check, clockOffsetMsMax, failed, passed } from "./finding.ts";

const descriptorsWanted = 4_096;
const answerTimeoutMs = 3_000;

export const checks: Readonly<Record<string, Check>> = {
  port: async (config) => {
    const { host, port, dashboardPort, metricsPort, metricsHost } = config;
    const local = findLocalServer(config);
    if (local !== null)
      return passed(`the server with process id ${local.pid} is listening on ${local.clientUrl}`);
    const wanted = [
      { option: "port", host, port },
      { option: "dashboard-port", host, port: dashboardPort },
      { option: "metrics-port", host: metricsHost ?? host, port: metricsPort },
    ];
    const asked = wanted.flatMap((one) => (one.port === null ? [] : [{ ...one, port: one.port }]));
    for (const one of asked) {
      if (isFree(one.host, one.port)) continue;
      return failed(
        `cannot listen on ${hostInUrl(one.host)}:${one.port}: another program uses it, or the address does not belong to this machine`,
        `Stop that program, or choose another with --${one.option} or --host.`,
      );
    }
    const addresses = asked.map((one) => `${hostInUrl(one.host)}:${one.port}`);
    return passed(`${addresses.join(", ")} ${addresses.length === 1 ? "is" : "are"} free`);
  },

  database: async (config) => {
    if (isNew(config)) return passed("the first start creates the embedded database");
    const database = describeDatabase(databaseAddress(config));
    const { damage, pending, isHalfDone } = await withDatabase(config, async (db) => ({
      damage: config.databaseUrl === null ? await damageOf(db) : null,
      ...(await readMigrationState(db)),
    }));
    if (damage !== null) throw new Error(explainDamage(sqliteFile(config.dataDir), damage));
    if (isHalfDone)
      return failed(
        `the migration of ${database} is incomplete: a run was interrupted in step ${pending[0]}`,
        "Start the server or run soketify migrate to finish it.",
      );
    if (pending.length === 0) return passed(`${database} is reachable and up to date`);
    return passed(`${database} is reachable; the next start migrates it (${pending.join(", ")})`);
  },

  masterKey: async (config) => {
    const key = readMasterKey({ value: config.masterKey, dataDir: config.dataDir });
    if (isNew(config)) return passed(key === null ? "the first start creates one" : "given");
    const dataKey = await withDatabase(config, async (db) => {
      const isMade = !(await readMigrationState(db)).pending.includes(firstStep);
      return isMade ? db.selectFrom("dataKeys").select("masterKeyId").executeTakeFirst() : undefined;
    });
    if (dataKey === undefined || dataKey.masterKeyId === key?.id) return passed("it matches the database");
    return failed(
      key === null
        ? "the database is encrypted, but there is no master key"
        : "the database is encrypted with another master key",
      `Provide the key with the fingerprint ${dataKey.masterKeyId} as SOKETIFY_MASTER_KEY or as master.key in ${config.dataDir}.`,
    );
  },

  redis: async ({ redisUrl }) => {
    if (redisUrl === null) return passed("none: this node is alone");
    const states = await readRedis(redisUrl);
    const problems = states.flatMap(problemsOf);
    if (problems.length === 0) return passed(states.map(describeRedis).join("; "));
    const parts = (part: "detail" | "fix") => [...new Set(problems.map((one) => one[part]))];
    return failed(parts("detail").join("; "), parts("fix").join(" "));
  },

  clock: async (config) => {
    if (config.databaseUrl === null)
      return passed(`${new Date().toISOString()}; no other clock to compare with`);
    const isPostgres = config.databaseUrl.startsWith("postgres");
    const query = isPostgres
      ? sql<{ seconds: number | string }>`select extract(epoch from clock_timestamp()) as seconds`
      : sql<{ seconds: number | string }>`select unix_timestamp(now(3)) as seconds`;
    const { rows } = await withDatabase(config, (db) => query.execute(db));
    const offsetMs = Math.round(Date.now() - Number(rows[0]?.seconds) * 1_000);
    if (Math.abs(offsetMs) <= clockOffsetMsMax)
      return passed(`within ${Math.abs(offsetMs)} ms of the database's`);
    return failed(
      `differs by ${offsetMs} ms from the database's`,
      "Run a time service such as chrony on both machines.",
    );
  },

  openFiles: async () => {
    const limit = descriptorsMax();
    if (limit >= descriptorsWanted) return passed(`${limit} open files are allowed`);
    return failed(
      `${limit} open files; each connection needs one`,
      "Raise it: ulimit -n 65536, or LimitNOFILE in systemd.",
    );
  },

  certificate: async ({ tlsCertFile, tlsKeyFile }) => {
    if (tlsCertFile === null) return passed("none: a proxy must terminate TLS");
    const problems = certificateProblems({ tlsCertFile, tlsKeyFile });
    if (problems.length === 0) return passed(`${tlsCertFile} and ${tlsKeyFile} match`);
    return failed(problems.join(" "), "Use the files from your certificate authority, or create new ones.");
  },

  webhooks: (config) => checkWebhooks(config, localAdmin(config)),

  reachability: async (config) => {
    const { publicUrl, pathPrefix, metricsPort } = config;
    // The URL of a local server already contains the path prefix.
    const base =
      publicUrl === null
        ? findLocalServer(config)?.clientUrl
        : `${publicUrl.replace(/\/$/, "")}${pathPrefix}`;
    if (base === undefined) return passed("not checked: no server runs and no publicUrl is set");
    const url = `${base}/health/live`;
    const answer = await fetch(url, {
      signal: AbortSignal.timeout(answerTimeoutMs),
      // A certificate for this machine only may be self-signed; the one of the public URL must be trusted.
      tls: { rejectUnauthorized: publicUrl !== null },
    });
    // With a metrics port the health endpoint is there, and this port answers 404.
    if (answer.ok || (metricsPort !== null && answer.status === 404)) return passed(`${base} answers`);
    return failed(
      `${url} answers ${answer.status}`,
      "Check which paths the proxy forwards, and to which address.",
    );
  },
};

function isFree(host: string, port: number): boolean {
  try {
    Bun.listen({ hostname: host, port, socket: { data: (socket) => socket.terminate() } }).stop(true);
    return true;
  } catch {
    return false;
  }
}

/** The check must not create the embedded database. */
function isNew({ databaseUrl, dataDir }: Config): boolean {
  return databaseUrl === null && !existsSync(sqliteFile(dataDir));
}

async function withDatabase<Result>(config: Config, ask: (db: Database) => Promise<Result>): Promise<Result> {
  const address = databaseAddress(config);
  const db = await openDatabase(address);
  try {
    return await ask(db);
  } catch (error) {
    throw new Error(`${describeDatabase(address)}: ${explainDatabaseError(error, address)}`, {
      cause: error,
    });
  } finally {
    await db.destroy();
  }
}
