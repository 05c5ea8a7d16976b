/** People on the database itself, for whoever owns the machine. */
import type { People } from "../people/people.ts";
import type { DataKeys } from "../storage/data-keys.ts";
import { databaseType } from "../storage/open-database.ts";
import type { Database } from "../storage/schema.ts";
import { serverSecret } from "../storage/server-secret.ts";

export async function openPeople(db: Database, keys: DataKeys): Promise<People> {
  // Other commands need not load it.
  const { People } = await import("../people/people.ts");
  const { createPeopleAuth, strongHashing } = await import("../people/people-auth.ts");
  const auth = createPeopleAuth({
    database: { db, type: databaseType(db), transaction: !db.isTransaction },
    secret: await serverSecret(db, keys, "people"),
    // Nobody signs in here.
    place: { url: null, pathPrefix: "", isSecure: false },
    oidc: null,
    hashing: strongHashing,
    onBug: (error) => {
      throw error;
    },
  });
  return new People(auth);
}
