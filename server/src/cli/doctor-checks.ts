/** What `soketify doctor` looks at, one function each. What one throws counts as found. */
import { existsSync } from "node:fs";
import { sql } from "kysely";
import type { Config } from "../config/config.ts";
import { hostInUrl } from "../config/host.ts";
import { descriptorsMax } from "../config/machine.ts";
import { explainDatabaseError } from "../storage/explain-database-error.ts";
import { readMasterKey } from "../storage/master-key.ts";
import { firstStep, readMigrationState } from "../storage/migrate.ts";
import { databaseAddress, describeDatabase, openDatabase } from "../storage/open-database.ts";
import type { Database } from "../storage/schema.ts";
import { sqliteFile } from "../storage/sqlite.ts";
import { damageOf, explainDamage } from "../storage/sqlite-damage.ts";
import { certificateProblems } from "./certificate-problems.ts";
import { findLocalServer } from "./local-server.ts";

export interface Finding {
  readonly check: string;
  readonly isWell: boolean;
  readonly detail: string;
  readonly mend?: string;
}

type Look = (config: Config) => Promise<Omit<Finding, "check">>;

/** SDKs sign with their clock, and a signature is good for 600 s around the server's. */
const clockOffsetMsMax = 60_000;
const descriptorsWanted = 4_096;
const answerTimeoutMs = 3_000;

export const checks: Readonly<Record<string, Look>> = {
  port: async (config) => {
    const { host, port, dashboardPort, metricsPort, metricsHost } = config;
    const local = findLocalServer(config);
    if (local !== null)
      return well(`the server with process id ${local.pid} is listening on ${local.clientUrl}`);
    const wanted = [
      { option: "port", host, port },
      { option: "dashboard-port", host, port: dashboardPort },
      { option: "metrics-port", host: metricsHost ?? host, port: metricsPort },
    ];
    const asked = wanted.flatMap((one) => (one.port === null ? [] : [{ ...one, port: one.port }]));
    for (const one of asked) {
      if (isFree(one.host, one.port)) continue;
      return ill(
        `${hostInUrl(one.host)}:${one.port} cannot be listened on: another program has it, or the address is not this machine's`,
        `Stop that program, or choose another with --${one.option} or --host.`,
      );
    }
    const places = asked.map((one) => `${hostInUrl(one.host)}:${one.port}`);
    return well(`${places.join(", ")} ${places.length === 1 ? "is" : "are"} free`);
  },

  database: async (config) => {
    if (isNew(config)) return well("the embedded database is made at the first start");
    const database = describeDatabase(databaseAddress(config));
    const { damage, pending, isHalfDone } = await withDatabase(config, async (db) => ({
      damage: config.databaseUrl === null ? await damageOf(db) : null,
      ...(await readMigrationState(db)),
    }));
    if (damage !== null) throw new Error(explainDamage(sqliteFile(config.dataDir), damage));
    if (isHalfDone)
      return ill(
        `${database} is half migrated: a run was cut short in step ${pending[0]}`,
        "Start the server or run soketify migrate: either finishes it.",
      );
    if (pending.length === 0) return well(`${database} answers and is up to date`);
    return well(`${database} answers; a start brings it up to date (${pending.join(", ")})`);
  },

  masterKey: async (config) => {
    const key = readMasterKey({ value: config.masterKey, dataDir: config.dataDir });
    if (isNew(config)) return well(key === null ? "one is made at the first start" : "given");
    const dataKey = await withDatabase(config, async (db) => {
      const isMade = !(await readMigrationState(db)).pending.includes(firstStep);
      return isMade ? db.selectFrom("dataKeys").select("masterKeyId").executeTakeFirst() : undefined;
    });
    if (dataKey === undefined || dataKey.masterKeyId === key?.id) return well("it fits the database");
    return ill(
      key === null
        ? "the database is sealed and there is no master key"
        : "it is not the one the database is sealed with",
      `Give the one with the fingerprint ${dataKey.masterKeyId} as SOKETIFY_MASTER_KEY or as master.key in ${config.dataDir}.`,
    );
  },

  clock: async (config) => {
    if (config.databaseUrl === null)
      return well(`${new Date().toISOString()}; there is no other clock to compare`);
    const isPostgres = config.databaseUrl.startsWith("postgres");
    const query = isPostgres
      ? sql<{ seconds: number | string }>`select extract(epoch from clock_timestamp()) as seconds`
      : sql<{ seconds: number | string }>`select unix_timestamp(now(3)) as seconds`;
    const { rows } = await withDatabase(config, (db) => query.execute(db));
    const offsetMs = Math.round(Date.now() - Number(rows[0]?.seconds) * 1_000);
    if (Math.abs(offsetMs) <= clockOffsetMsMax)
      return well(`within ${Math.abs(offsetMs)} ms of the database's`);
    return ill(
      `${offsetMs} ms away from the database's`,
      "Run a time service such as chrony on both machines.",
    );
  },

  openFiles: async () => {
    const limit = descriptorsMax();
    if (limit >= descriptorsWanted) return well(`${limit} at once`);
    return ill(
      `${limit} at once, and each connection takes one`,
      "Raise it: ulimit -n 65536, or LimitNOFILE in systemd.",
    );
  },

  certificate: async ({ tlsCertFile, tlsKeyFile }) => {
    if (tlsCertFile === null) return well("none: TLS is left to a proxy");
    const problems = certificateProblems({ tlsCertFile, tlsKeyFile });
    if (problems.length === 0) return well(`${tlsCertFile} and ${tlsKeyFile} fit together`);
    return ill(problems.join(" "), "Give the files that your certificate authority gave, or make new ones.");
  },

  reachability: async (config) => {
    const { publicUrl, pathPrefix, metricsPort } = config;
    // A local server's own address has the prefix in it.
    const base =
      publicUrl === null
        ? findLocalServer(config)?.clientUrl
        : `${publicUrl.replace(/\/$/, "")}${pathPrefix}`;
    if (base === undefined) return well("no server runs and no publicUrl is set: nothing to reach");
    const url = `${base}/health/live`;
    const answer = await fetch(url, {
      signal: AbortSignal.timeout(answerTimeoutMs),
      // A certificate for this machine alone need not be signed; what the world is told to use must be.
      tls: { rejectUnauthorized: publicUrl !== null },
    });
    // With a metrics port the health is there, and this one says that it knows of none.
    if (answer.ok || (metricsPort !== null && answer.status === 404)) return well(`${base} answers`);
    return ill(`${url} answers ${answer.status}`, "Check what the proxy before it passes on, and to where.");
  },
};

function well(detail: string): Omit<Finding, "check"> {
  return { isWell: true, detail };
}

function ill(detail: string, mend: string): Omit<Finding, "check"> {
  return { isWell: false, detail, mend };
}

function isFree(host: string, port: number): boolean {
  try {
    Bun.listen({ hostname: host, port, socket: { data: (socket) => socket.terminate() } }).stop(true);
    return true;
  } catch {
    return false;
  }
}

/** Looking must not make the embedded database. */
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
