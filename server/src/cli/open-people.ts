/** Opens the accounts in the database directly, for the operator of the machine. */
import { systemClock } from "../composition/system-clock.ts";
import type { People } from "../people/people.ts";
import type { Database } from "../storage/database/schema.ts";
import { KyselyAccountStore } from "../storage/people/kysely-account-store.ts";

export async function openPeople(db: Database): Promise<People> {
  // Loaded only by the commands that need it.
  const { People } = await import("../people/people.ts");
  const { Passwords, strongHashing } = await import("../people/passwords.ts");
  return new People(new KyselyAccountStore(db), new Passwords(strongHashing, systemClock), systemClock);
}
