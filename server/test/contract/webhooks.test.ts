/** Webhooks and their outbox, on each database. */
import { beforeEach, describe, expect, test } from "bun:test";
import { sql } from "kysely";
import { KyselyAppStore } from "../../src/storage/apps/kysely-app-store.ts";
import { databaseClock } from "../../src/storage/database/database-clock.ts";
import { unlockDataKeys } from "../../src/storage/keys/data-keys.ts";
import { KyselyWebhookHistory } from "../../src/storage/webhooks/kysely-webhook-history.ts";
import { KyselyWebhookOutbox } from "../../src/storage/webhooks/kysely-webhook-outbox.ts";
import { KyselyWebhookStore } from "../../src/storage/webhooks/kysely-webhook-store.ts";
import { appRecord, secretOf } from "../support/app-record.ts";
import { MemoryWebhookStore } from "../support/fakes/memory-webhook-store.ts";
import { type OpenDatabase, onEachDatabase } from "./databases.ts";
import { webhookConcurrencyContract } from "./webhook-concurrency.contract.ts";
import { webhookDeparturesContract } from "./webhook-departures.contract.ts";
import { webhookLeaseContract } from "./webhook-lease.contract.ts";
import { webhookOutboxContract } from "./webhook-outbox.contract.ts";
import { someWebhook, webhookStoreContract } from "./webhook-store.contract.ts";

describe("memory", () => webhookStoreContract(async () => new MemoryWebhookStore()));

onEachDatabase((open) => {
  let opened: OpenDatabase;

  beforeEach(async () => {
    opened = await open();
  });

  async function openStore() {
    const { db, dataDir } = opened;
    const keys = await unlockDataKeys(db, { value: null, dataDir }, 0);
    await new KyselyAppStore(db, keys).create(appRecord("1", [secretOf("active", "a secret")]));
    return { store: new KyselyWebhookStore(db, keys), db };
  }

  webhookStoreContract(async () => (await openStore()).store);

  test("a webhook whose app was deleted in the meantime is refused with an error", async () => {
    const { store } = await openStore();
    const orphan = store.create({ ...someWebhook, appId: "gone" }, 1);
    await expect(orphan).rejects.toMatchObject({ code: "owner_deleted" });
    expect(await store.list()).toEqual([]);
  });

  async function openOutbox() {
    const { store, db } = await openStore();
    let aheadMs = 0;
    const read = databaseClock(db);
    const clock = () => sql<number>`(${read()} + ${sql.lit(aheadMs)})`;
    return {
      store,
      outbox: new KyselyWebhookOutbox(db, clock),
      history: new KyselyWebhookHistory(db, clock),
      pass: (ms: number) => {
        aheadMs += ms;
      },
    };
  }

  webhookOutboxContract(openOutbox);
  webhookDeparturesContract(openOutbox);
  webhookLeaseContract(openOutbox);

  webhookConcurrencyContract(async (nodes) => {
    const others = Array.from({ length: nodes - 1 }, () => opened.openAgain());
    return [opened.db, ...(await Promise.all(others))].map((db) => new KyselyWebhookOutbox(db));
  });
});
