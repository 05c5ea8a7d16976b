/** An audit log on a database, and helpers to fill, forge and verify it. */
import type { AuditEntry, AuditLog } from "../../src/core/ports/audit-log.ts";
import { formerRowHash } from "../../src/storage/audit/audit-chain.ts";
import { KyselyAuditLog } from "../../src/storage/audit/kysely-audit-log.ts";
import type { Database } from "../../src/storage/database/schema.ts";
import { AuditKey } from "../../src/storage/keys/audit-key.ts";
import { unlockDataKeys } from "../../src/storage/keys/data-keys.ts";
import { FakeClock } from "../support/fakes/fake-clock.ts";
import type { OpenDatabase } from "./databases.ts";

export class AuditStage {
  readonly opened: OpenDatabase;
  readonly db: Database;
  readonly clock: FakeClock;
  readonly log: AuditLog;

  private constructor(opened: OpenDatabase, clock: FakeClock, log: AuditLog) {
    this.opened = opened;
    this.db = opened.db;
    this.clock = clock;
    this.log = log;
  }

  static async open(opened: OpenDatabase): Promise<AuditStage> {
    const clock = new FakeClock();
    return new AuditStage(opened, clock, await openLog(opened, opened.db, clock));
  }

  /** The log of another process that has just started. */
  openLog(on: Database): Promise<AuditLog> {
    return openLog(this.opened, on, this.clock);
  }

  async appendMany(count: number, on = this.log): Promise<void> {
    for (let appended = 0; appended < count; appended += 1) await on.append(someEntry);
  }

  /** Replaces the first rows by forged ones, hashed like releases without a key did. Returns the last hash. */
  async forgeFormerRows(count: number): Promise<string> {
    let hash = "";
    for (const row of (await this.rowsOf()).slice(0, count)) {
      const forged = { ...row, actorKind: null, actorId: null, actor: "nobody" };
      hash = formerRowHash(hash, forged);
      const update = this.db.updateTable("auditRows").set({ ...forged, hash });
      await update.where("sequence", "=", row.sequence).execute();
    }
    return hash;
  }

  rowsOf() {
    return this.db.selectFrom("auditRows").selectAll().orderBy("sequence").execute();
  }

  headOf() {
    return this.db.selectFrom("auditHead").selectAll().executeTakeFirstOrThrow();
  }

  async brokenAt(): Promise<number | null> {
    return (await this.log.verify(null)).broken?.sequence ?? null;
  }
}

async function openLog({ dataDir }: OpenDatabase, on: Database, clock: FakeClock): Promise<AuditLog> {
  const keys = await unlockDataKeys(on, { value: null, dataDir }, clock.now());
  return new KyselyAuditLog(on, new AuditKey(on, keys), clock);
}

export const someEntry: AuditEntry = {
  actorKind: "person",
  actorId: "p1",
  actor: "someone@example.com",
  action: "secret.rotate",
  target: "app 1",
  appId: "1",
  address: "127.0.0.1",
  before: null,
  after: { state: "pending" },
};
