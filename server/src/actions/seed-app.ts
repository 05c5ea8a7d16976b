/** Makes sure, at a start, of the app that the configuration names. */
import type { AppRecord } from "../core/app.ts";
import type { AppStore } from "../core/app-store.ts";
import type { Clock } from "../core/clock.ts";
import { newApp, newSecret } from "../core/new-app.ts";

export interface AppSeed {
  readonly id: string;
  readonly key: string;
  readonly secret: string;
}

/**
 * `created`: it was not there. `unchanged`: the secret is accepted already. `replaced`: the secret was unknown, is the
 * active one now, and the others are revoked. `ignored`: the secret was revoked; a restart never brings it back.
 */
export interface Seeded {
  readonly outcome: "created" | "unchanged" | "replaced" | "ignored";
  readonly record: AppRecord;
}

export type SeedApp = (seed: AppSeed) => Promise<Seeded>;

const seededBy = "environment";

/** The returned function throws where the app is there with another key. */
export function createSeedApp(store: AppStore, clock: Clock): SeedApp {
  return async function seedApp(seed) {
    const known = await store.find(seed.id);
    if (known === null) {
      const record = newApp({ ...seed, name: `App ${seed.id}` }, seededBy, clock.now());
      await store.create(record);
      return { outcome: "created", record };
    }
    if (known.key !== seed.key) {
      throw new Error(
        `App ${seed.id} is there with another key, and keys never change: give its own key, or another id`,
      );
    }
    const same = known.secrets.find(({ value }) => value === seed.secret);
    if (same !== undefined)
      return { outcome: same.state === "revoked" ? "ignored" : "unchanged", record: known };
    await store.save(withSecretReplaced(known, seed.secret, clock.now()));
    return { outcome: "replaced", record: (await store.find(seed.id)) ?? known };
  };
}

function withSecretReplaced(record: AppRecord, value: string, nowMs: number): AppRecord {
  const revoked = record.secrets.map((secret) =>
    secret.state === "revoked" ? secret : { ...secret, state: "revoked" as const, revokedAtMs: nowMs },
  );
  return { ...record, secrets: [...revoked, newSecret("active", seededBy, nowMs, value)] };
}
