/** `soketify import --from soketi`: reads apps from soketi's JSON config and from the table that it names. */
import { sql } from "kysely";
import { systemClock } from "../../composition/system-clock.ts";
import type { Config } from "../../config/config.ts";
import { hostInUrl } from "../../config/host.ts";
import { auditActor, cliActor } from "../../core/actor.ts";
import { webhookLimits } from "../../core/webhooks/webhook.ts";
import { importApps, type WhenTaken } from "../../storage/apps/import-apps.ts";
import { readSoketiApps } from "../../storage/apps/soketi-apps.ts";
import {
  readSoketiConfig,
  type SoketiConfig,
  SoketiUnusable,
  serverNotes,
} from "../../storage/apps/soketi-config.ts";
import { soketiWebhookPrefix } from "../../storage/apps/soketi-webhooks.ts";
import { openDatabase } from "../../storage/database/open-database.ts";
import { withNewStore } from "../open-store.ts";
import { readText } from "../read-text.ts";
import { Refused } from "../refused.ts";

export interface SoketiOutcome {
  readonly created: readonly string[];
  readonly replaced: readonly string[];
  readonly skipped: readonly string[];
  readonly webhooks: number;
  /** One sentence for each thing that was not imported. */
  readonly notes: readonly string[];
}

/** @throws Refused if the file or the table does not have soketi's format */
export async function importFromSoketi(
  config: Config,
  file: string,
  taken: WhenTaken,
): Promise<SoketiOutcome> {
  try {
    const soketi = readSoketiConfig(readText(file));
    const rows = [...soketi.apps, ...(await rowsOf(soketi, config.dataDir))];
    if (rows.length === 0)
      throw new SoketiUnusable(
        "It contains no apps, neither in appManager.array.apps nor in a MySQL or PostgreSQL table",
      );
    const given = readSoketiApps(rows, soketi, systemClock.now());
    const outcome = await store(config, given, taken);
    return { ...outcome, notes: [...given.notes, ...serverNotes(soketi)] };
  } catch (error) {
    if (error instanceof SoketiUnusable) throw new Refused(`${file}: ${error.message}`);
    throw error;
  }
}

function store(
  config: Config,
  { apps: records, webhooks: hooks }: ReturnType<typeof readSoketiApps>,
  taken: WhenTaken,
) {
  return withNewStore(config, ({ inOneTransaction }) =>
    inOneTransaction(async ({ apps, webhooks, audit }) => {
      const done = await importApps(apps, records, taken);
      const imported = new Set([...done.created, ...done.replaced]);
      for (const { appId, id } of await webhooks.list())
        if (imported.has(appId) && id.startsWith(soketiWebhookPrefix)) await webhooks.delete(appId, id);
      const kept = hooks.filter(({ appId }) => imported.has(appId));
      for (const webhook of kept) await webhooks.create(webhook, webhookLimits.perAppMax);
      for (const appId of imported) {
        const what = {
          action: "app.import",
          target: `app ${appId}`,
          appId,
          before: null,
          after: { from: "soketi" },
        } as const;
        await audit.append({ ...auditActor(cliActor), ...what });
      }
      return { ...done, webhooks: kept.length };
    }),
  );
}

/** The rows of the table that the config names; empty if it names none. */
async function rowsOf({ values }: SoketiConfig, dataDir: string): Promise<unknown[]> {
  const driver = values.get("appManager.driver") ?? "array";
  if (driver === "array") return [];
  if (driver !== "mysql" && driver !== "postgres")
    throw new SoketiUnusable(`Apps are read from array, mysql and postgres, not from ${driver}`);
  const table = String(values.get(`appManager.${driver}.table`) ?? "apps");
  const db = (await openDatabase({ url: databaseUrl(driver, values), dataDir })).withoutPlugins();
  try {
    return (await sql`select * from ${sql.table(table)}`.execute(db)).rows;
  } catch (error) {
    throw new SoketiUnusable(
      `The table ${table} cannot be read: ${error instanceof Error ? error.message : error}`,
    );
  } finally {
    await db.destroy();
  }
}

function databaseUrl(driver: "mysql" | "postgres", values: SoketiConfig["values"]): string {
  const of = (name: string, byDefault: string | number) =>
    String(values.get(`database.${driver}.${name}`) ?? byDefault);
  const isMysql = driver === "mysql";
  const user = encodeURIComponent(of("user", isMysql ? "root" : "postgres"));
  const password = encodeURIComponent(of("password", ""));
  const hostAndPort = `${hostInUrl(of("host", "127.0.0.1"))}:${of("port", isMysql ? 3306 : 5432)}`;
  return `${driver}://${user}:${password}@${hostAndPort}/${encodeURIComponent(of("database", "main"))}`;
}
