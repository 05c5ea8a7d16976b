/** The webhooks in a database. */
import type { Insertable, Selectable } from "kysely";
import type { WebhookStore } from "../../core/ports/webhook-store.ts";
import type { Webhook } from "../../core/webhooks/webhook.ts";
import { atomically } from "../database/atomically.ts";
import type { Database, DatabaseTransaction, Schema } from "../database/schema.ts";
import type { DataKeys, WrappedDataKey } from "../keys/data-keys.ts";
import type { SecretBox } from "../keys/secret-box.ts";

type Row = Selectable<Schema["webhooks"]>;

export class KyselyWebhookStore implements WebhookStore {
  readonly #db: Database;
  readonly #keys: DataKeys;

  constructor(db: Database, keys: DataKeys) {
    this.#db = db;
    this.#keys = keys;
  }

  async list(): Promise<Webhook[]> {
    const rows = await this.#db
      .selectFrom("webhooks")
      .innerJoin("dataKeys", "dataKeys.id", "webhooks.dataKeyId")
      .selectAll("webhooks")
      .select(["dataKeys.masterKeyId", "dataKeys.wrapped"])
      .orderBy("webhooks.createdAtMs")
      .orderBy("webhooks.id")
      .execute();
    return rows.map(({ masterKeyId, wrapped, ...row }) =>
      this.#toWebhook(row, { id: row.dataKeyId, masterKeyId, wrapped }),
    );
  }

  async version(): Promise<number> {
    const { version } = await this.#db.selectFrom("webhookState").select("version").executeTakeFirstOrThrow();
    return version;
  }

  async create(webhook: Webhook, perAppMax: number): Promise<boolean> {
    return this.#change(async (transaction) => {
      const { count } = await transaction
        .selectFrom("webhooks")
        .select(({ fn }) => fn.countAll<number>().as("count"))
        .where("appId", "=", webhook.appId)
        .executeTakeFirstOrThrow();
      if (count >= perAppMax || (await hasWebhook(transaction, webhook.id))) return false;
      await transaction
        .insertInto("webhooks")
        .values(toRow(webhook, await this.#keys.current(transaction)))
        .execute();
      return true;
    });
  }

  async save(webhook: Webhook): Promise<boolean> {
    return this.#change(async (transaction) => {
      const { id, appId, ...row } = toRow(webhook, await this.#keys.current(transaction));
      const found = await transaction
        .selectFrom("webhooks")
        .select("id")
        .where("id", "=", id)
        .where("appId", "=", appId)
        .executeTakeFirst();
      // Checked with a select, because MySQL counts the rows that an update changed, not those that matched.
      if (found === undefined) return false;
      await transaction.updateTable("webhooks").set(row).where("id", "=", id).execute();
      return true;
    });
  }

  async disable({ id, url }: Pick<Webhook, "id" | "url">, disabledReason: string): Promise<boolean> {
    return this.#change(async (transaction) => {
      const { numUpdatedRows } = await transaction
        .updateTable("webhooks")
        .set({ isEnabled: 0, disabledReason })
        .where("id", "=", id)
        .where("url", "=", url)
        .where("isEnabled", "=", 1)
        .executeTakeFirstOrThrow();
      return numUpdatedRows > 0n;
    });
  }

  async delete(appId: string, webhookId: string): Promise<boolean> {
    return this.#change(async (transaction) => {
      const { numDeletedRows } = await transaction
        .deleteFrom("webhooks")
        .where("id", "=", webhookId)
        .where("appId", "=", appId)
        .executeTakeFirst();
      if (numDeletedRows === 0n) return false;
      await transaction.deleteFrom("webhookDeliveries").where("webhookId", "=", webhookId).execute();
      return true;
    });
  }

  async isLocalhostAllowed(): Promise<boolean> {
    const select = this.#db.selectFrom("webhookState").select("isLocalhostAllowed");
    return (await select.executeTakeFirstOrThrow()).isLocalhostAllowed === 1;
  }

  async allowLocalhost(isAllowed: boolean): Promise<void> {
    await this.#db
      .updateTable("webhookState")
      .set({ isLocalhostAllowed: isAllowed ? 1 : 0 })
      .execute();
  }

  /** Raises the version first, which serializes changes of all processes. */
  async #change<Result>(change: (transaction: DatabaseTransaction) => Promise<Result>): Promise<Result> {
    return atomically(this.#db, async (transaction) => {
      await transaction
        .updateTable("webhookState")
        .set((eb) => ({ version: eb("version", "+", 1) }))
        .execute();
      return change(transaction);
    });
  }

  #toWebhook(row: Row, key: WrappedDataKey): Webhook {
    const headers = this.#keys.box(key).open(row.sealedHeaders, headersContext(row.id)).toString();
    return {
      id: row.id,
      appId: row.appId,
      url: row.url,
      events: JSON.parse(row.events),
      filters: JSON.parse(row.filters),
      headers: JSON.parse(headers),
      isBatching: row.isBatching === 1,
      isEnabled: row.isEnabled === 1,
      disabledReason: row.disabledReason,
      createdAtMs: row.createdAtMs,
    };
  }
}

async function hasWebhook(transaction: DatabaseTransaction, id: string): Promise<boolean> {
  const found = transaction.selectFrom("webhooks").select("id").where("id", "=", id);
  return (await found.executeTakeFirst()) !== undefined;
}

function toRow(
  webhook: Webhook,
  { id: dataKeyId, box }: { id: string; box: SecretBox },
): Insertable<Schema["webhooks"]> {
  return {
    id: webhook.id,
    appId: webhook.appId,
    url: webhook.url,
    events: JSON.stringify(webhook.events),
    filters: JSON.stringify(webhook.filters),
    dataKeyId,
    sealedHeaders: box.seal(JSON.stringify(webhook.headers), headersContext(webhook.id)),
    isBatching: webhook.isBatching ? 1 : 0,
    isEnabled: webhook.isEnabled ? 1 : 0,
    disabledReason: webhook.disabledReason,
    createdAtMs: webhook.createdAtMs,
  };
}

/** Binds sealed headers to their webhook. */
export function headersContext(webhookId: string): string {
  return `webhook/${webhookId}/headers`;
}
