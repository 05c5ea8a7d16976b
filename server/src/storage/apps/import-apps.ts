/** Saves the apps of a document in a store. */
import type { AppRecord } from "../../core/apps/app.ts";
import { AppConflict, type AppStore } from "../../core/ports/app-store.ts";

/** What to do with an app whose id already exists. */
export type WhenTaken = "refuse" | "skip" | "replace";

export interface ImportOutcome {
  readonly created: string[];
  readonly replaced: string[];
  readonly skipped: string[];
}

/**
 * Returns the ids of the saved apps. Detects conflicts of ids before it writes anything.
 * @throws AppConflict if an id is taken and `whenTaken` is `refuse`, or if another app has the key
 */
export async function importApps(
  store: AppStore,
  apps: readonly AppRecord[],
  whenTaken: WhenTaken,
): Promise<ImportOutcome> {
  const stored = new Map((await store.list()).map((app) => [app.id, app]));
  const taken = apps.filter(({ id }) => stored.has(id)).map(({ id }) => id);
  if (whenTaken === "refuse" && taken.length > 0)
    throw new AppConflict(
      `These apps exist already: ${taken.join(", ")}. Use --taken skip or --taken replace`,
    );
  const outcome: ImportOutcome = { created: [], replaced: [], skipped: [] };
  for (const app of apps) {
    const present = stored.get(app.id);
    if (present === undefined) {
      await store.create(app);
      outcome.created.push(app.id);
    } else if (whenTaken === "replace") {
      await store.save({ ...app, revision: present.revision });
      outcome.replaced.push(app.id);
    } else outcome.skipped.push(app.id);
  }
  return outcome;
}
