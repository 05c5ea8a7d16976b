/** Random secrets of the server itself, such as the one that signs cookies. They are sealed like the secrets of apps. */
import { randomBytes } from "node:crypto";
import { atomically } from "../database/atomically.ts";
import type { Database } from "../database/schema.ts";
import { type DataKeys, lockAppChanges } from "./data-keys.ts";

const secretBytes = 32;

/** Returns the secret with this name in hex. The first call on a database creates it. */
export async function serverSecret(db: Database, keys: DataKeys, name: string): Promise<string> {
  const context = serverSecretContext(name);
  return atomically(db, async (transaction) => {
    await lockAppChanges(transaction);
    const { id: dataKeyId, box } = await keys.current(transaction);
    const stored = await transaction
      .selectFrom("serverSecrets")
      .selectAll()
      .where("name", "=", name)
      .executeTakeFirst();
    if (stored !== undefined) return box.open(stored.sealed, context).toString("hex");
    const secret = randomBytes(secretBytes);
    await transaction
      .insertInto("serverSecrets")
      .values({ name, dataKeyId, sealed: box.seal(secret, context) })
      .execute();
    return secret.toString("hex");
  });
}

/** Binds a sealed secret of the server to its name. */
export function serverSecretContext(name: string): string {
  return `server-secret/${name}`;
}
