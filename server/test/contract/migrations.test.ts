/** Migrations that are killed, run concurrently, or find tables of other programs, on each database. */
import { beforeAll, expect, test } from "bun:test";
import { sql } from "kysely";
import {
  type DatabaseAddress,
  databaseType,
  openDatabase,
} from "../../src/storage/database/open-database.ts";
import type { Database } from "../../src/storage/database/schema.ts";
import { migrate, migrations, readMigrationState } from "../../src/storage/migrations/migrate.ts";
import type { Steps } from "../../src/storage/migrations/migration-state.ts";
import { openStorage } from "../../src/storage/open-storage.ts";
import { describeSchema, tableNames } from "../support/describe-schema.ts";
import { Killed, openDying } from "../support/dying-database.ts";
import { FakeClock } from "../support/fakes/fake-clock.ts";
import { command } from "../support/run-soketify.ts";
import { seededRandom } from "../support/seeded-random.ts";
import { until } from "../support/until.ts";
import { type OpenDatabase, onEachDatabase } from "./databases.ts";

/** The number of killed first starts, and of killed upgrades. */
const kills = 8;
const killsInTurnMax = 4;
const names = Object.keys(migrations).sort();

onEachDatabase((open) => {
  let main: OpenDatabase;
  let wanted: Awaited<ReturnType<typeof describeSchema>>;
  let statementsInAll: number;
  let random: () => number;

  /** With its own table names, so that each is a separate database. */
  async function at<Result>(tablePrefix: string, work: (db: Database) => Promise<Result>): Promise<Result> {
    const db = await openDatabase({ ...main.address, tablePrefix });
    try {
      return await work(db);
    } finally {
      await db.destroy();
    }
  }

  /** Returns the number of statements that the process sent, and whether it was killed. */
  async function migrateAndDie(tablePrefix: string, left: number) {
    const life = { left, sent: 0 };
    const db = await openDying({ ...main.address, tablePrefix }, life);
    try {
      await migrate(db);
      return { sent: life.sent, isKilled: false };
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
      return { sent: life.sent, isKilled: true };
    } finally {
      await db.destroy();
    }
  }

  /** Kills processes at random statements until one finishes. Returns the number of killed processes. */
  async function killUntilDone(
    tablePrefix: string,
    stepsLeft: number,
    check: (db: Database) => Promise<void> = () => Promise.resolve(),
  ): Promise<number> {
    // Reading the state takes some statements, even if little work is left.
    const statements = 10 + (statementsInAll * stepsLeft) / names.length;
    const killedAfter: number[] = [];
    while (killedAfter.length < killsInTurnMax) {
      const { sent, isKilled } = await migrateAndDie(tablePrefix, Math.floor(random() * statements));
      if (!isKilled) break;
      killedAfter.push(sent);
    }
    await at(tablePrefix, migrate);
    await at(tablePrefix, check);
    const found = await at(tablePrefix, (db) => describeSchema(db, tablePrefix));
    expect({ killedAfter, ...found }).toEqual({ killedAfter, ...wanted });
    await at(tablePrefix, (db) => dropAll(db, tablePrefix));
    return killedAfter.length;
  }

  beforeAll(async () => {
    main = await open();
    random = seededRandom("kills");
    statementsInAll = (await migrateAndDie("whole_", Number.POSITIVE_INFINITY)).sent;
    wanted = await at("whole_", (db) => describeSchema(db, "whole_"));
    await at("whole_", (db) => dropAll(db, "whole_"));
  });

  test("a first start that is killed at any statement is finished by a later one", async () => {
    expect(statementsInAll).toBeGreaterThan(names.length * 2);
    for (let run = 0, killed = 0; killed < kills; run += 1)
      killed += await killUntilDone(`first${run}_`, names.length);
  });

  test("an upgrade that is killed at any statement is finished by a later one, and loses nothing", async () => {
    for (let run = 0, killed = 0; killed < kills; run += 1) {
      const prefix = `later${run}_`;
      const before = 1 + Math.floor(random() * (names.length - 1));
      await at(prefix, async (db) => {
        await migrate(db, stepsUntil(before));
        await insertApp(db);
      });
      killed += await killUntilDone(prefix, names.length - before, async (db) => {
        const { name } = await db.selectFrom("apps").select("name").executeTakeFirstOrThrow();
        expect(name).toBe("kept");
        await db.deleteFrom("apps").execute();
      });
    }
  });

  test("a later start finishes the work of killed processes", async () => {
    const prefix = "killed_";
    for (let kill = 0; kill < 3; kill += 1) {
      const child = startMigration(main.address, prefix);
      await at(prefix, (db) =>
        until("the first table", async () => child.exitCode !== null || (await hasTables(db, prefix))),
      );
      await Bun.sleep(random() * 100);
      child.kill("SIGKILL");
      await child.exited;
    }
    await at(prefix, migrate);
    expect(await at(prefix, (db) => describeSchema(db, prefix))).toEqual(wanted);
    await at(prefix, (db) => dropAll(db, prefix));
  });

  test("reading the state of a database after a killed process reports that it is half migrated, and changes nothing", async () => {
    const prefix = "half_";
    let isHalfDone = false;
    for (let left = 10; left <= 20 && !isHalfDone; left += 2) {
      await migrateAndDie(prefix, left);
      const before = await at(prefix, (db) => describeSchema(db, prefix));
      ({ isHalfDone } = await at(prefix, readMigrationState));
      expect(await at(prefix, (db) => describeSchema(db, prefix))).toEqual(before);
    }
    // The other databases roll an interrupted step back.
    expect(isHalfDone).toBe(databaseType((await open()).db) === "mysql");
    if (isHalfDone) {
      const { code, output } = await runDoctor(main.address, prefix);
      expect(output).toMatch(/FAIL {2}database .* is incomplete: a run was interrupted in step 0\d\d-/);
      expect(output).toContain("Start the server or run soketify migrate to finish it.");
      expect(code).toBe(1);
    }
    await at(prefix, migrate);
    expect(await at(prefix, readMigrationState)).toEqual({ pending: [], isHalfDone: false });
  });

  test("servers that start concurrently on an empty database all start", async () => {
    const address = { ...main.address, tablePrefix: "crowd_" };
    const masterKey = "00".repeat(32);
    const start = () => openStorage(address, masterKey, new FakeClock());
    const opened = await Promise.all([start(), start(), start(), start()]);
    expect(opened.map(({ apps }) => apps)).toEqual([[], [], [], []]);
    for (const { db } of opened) await db.destroy();
    const { tables } = await at("crowd_", (db) => describeSchema(db, "crowd_"));
    expect(tables.data_keys?.rows).toBe(1);
    expect(tables.kysely_migration?.rows).toBe(names.length);
  });

  test("a database that a newer release has changed is refused with the reason, and not changed", async () => {
    await at("newer_", async (db) => {
      await migrate(db);
      await noteStep(db, "newer_kysely_migration", "999-later");
      const before = await describeSchema(db, "newer_");
      await expect(migrate(db)).rejects.toThrow(
        /^The database was changed by a newer Soketify \(steps 999-later\): run that release or a newer one/,
      );
      expect(await describeSchema(db, "newer_")).toEqual(before);
    });
  });

  test("steps are identified by name: a clock that was set back between two upgrades does not matter", async () => {
    await at("clock_", async (db) => {
      await migrate(db, stepsUntil(2));
      await sql`update ${sql.table("clock_kysely_migration")} set timestamp = '2999-01-01T00:00:00Z' where name like '001%'`.execute(
        db.withoutPlugins(),
      );
      expect(await migrate(db)).toHaveLength(names.length - 2);
    });
  });

  for (const theirs of ["sessions", "apps"])
    test(`another program's table ${theirs} is detected before anything is changed, and a prefix is suggested`, async () => {
      const prefix = `shared_${theirs}_`;
      await at("", async (db) => {
        const table = db.withoutPlugins().schema.createTable(prefix + theirs);
        await table.addColumn("id", "integer").addColumn("payload", "text").execute();
      });
      await at(prefix, async (db) => {
        const before = await describeSchema(db, prefix);
        await expect(migrate(db)).rejects.toThrow(
          `The database already has a table ${prefix}${theirs} that is not Soketify's. Give Soketify its own database, or set SOKETIFY_TABLE_PREFIX`,
        );
        expect(await describeSchema(db, prefix)).toEqual(before);
      });
      await at(`${prefix}ours_`, migrate);
    });

  test("another program's table is detected before an upgrade, too", async () => {
    const prefix = "grown_";
    await at(prefix, async (db) => {
      await migrate(db, stepsUntil(5));
      await db.withoutPlugins().schema.createTable(`${prefix}sessions`).addColumn("id", "integer").execute();
      const before = await describeSchema(db, prefix);
      await expect(migrate(db)).rejects.toThrow(
        `already has a table ${prefix}sessions that is not Soketify's`,
      );
      expect(await describeSchema(db, prefix)).toEqual(before);
    });
  });

  test("another program that migrates with the same library is distinguished", async () => {
    await at("kysely_", async (db) => {
      const plain = db.withoutPlugins();
      const table = plain.schema.createTable("kysely_kysely_migration");
      await table.addColumn("name", "varchar(255)").addColumn("timestamp", "varchar(255)").execute();
      await noteStep(db, "kysely_kysely_migration", "2024_01_first");
      await expect(migrate(db)).rejects.toThrow("already has a table kysely_kysely_migration that is not");
    });
  });
});

async function dropAll(db: Database, prefix: string): Promise<void> {
  const plain = db.withoutPlugins();
  let left = await tableNames(db, prefix);
  // A table that others refer to is dropped after them.
  while (left.length > 0) {
    const refused: string[] = [];
    for (const table of left)
      await plain.schema
        .dropTable(table)
        .execute()
        .catch(() => refused.push(table));
    left = refused;
  }
}

/** The first steps, as in an older release. */
function stepsUntil(count: number): Steps {
  return Object.fromEntries(Object.entries(migrations).filter(([name]) => names.indexOf(name) < count));
}

async function insertApp(db: Database): Promise<void> {
  const row = { id: "1", key: "key", name: "kept", isEnabled: 1, settings: "{}" };
  await db
    .insertInto("apps")
    .values({ ...row, createdAtMs: 0, revision: 0, changedIn: 0 })
    .execute();
}

async function noteStep(db: Database, table: string, name: string): Promise<void> {
  await sql`insert into ${sql.table(table)} (name, timestamp) values (${name}, '')`.execute(
    db.withoutPlugins(),
  );
}

async function hasTables(db: Database, prefix: string): Promise<boolean> {
  return (await tableNames(db, prefix)).length > 0;
}

function startMigration(address: DatabaseAddress, tablePrefix: string) {
  return Bun.spawn([...command, "migrate", ...flagsFor(address, tablePrefix)], {
    stdio: ["ignore", "ignore", "ignore"],
    env: envFor(address),
  });
}

async function runDoctor(address: DatabaseAddress, tablePrefix: string) {
  const doctor = Bun.spawn([...command, "doctor", "--port", "0", ...flagsFor(address, tablePrefix)], {
    stdio: ["ignore", "pipe", "ignore"],
    env: envFor(address),
  });
  const output = await new Response(doctor.stdout).text();
  return { output, code: await doctor.exited };
}

function flagsFor({ dataDir }: DatabaseAddress, tablePrefix: string): string[] {
  return ["--data-dir", dataDir, "--table-prefix", tablePrefix];
}

function envFor({ url }: DatabaseAddress) {
  return { PATH: process.env.PATH, SOKETIFY_DATABASE_URL: url ?? "" };
}
