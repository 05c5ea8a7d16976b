/** People on the database itself, for whoever owns the machine. */
import { systemClock } from "../composition/system-clock.ts";
import type { People } from "../people/people.ts";
import { KyselyAccountStore } from "../storage/kysely-account-store.ts";
import type { Database } from "../storage/schema.ts";

export async function openPeople(db: Database): Promise<People> {
  // Other commands need not load it.
  const { People } = await import("../people/people.ts");
  const { Passwords, strongHashing } = await import("../people/passwords.ts");
  return new People(new KyselyAccountStore(db), new Passwords(strongHashing), systemClock);
}
