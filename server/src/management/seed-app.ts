/** Creates apps at the start: the app that the environment names, or a first app if there is none. */
import { serverActor } from "../core/actor.ts";
import { type AppRecord, activeSecret, pendingSecret } from "../core/apps/app.ts";
import { newSecret } from "../core/apps/new-app.ts";
import type { AppStore } from "../core/ports/app-store.ts";
import type { Clock } from "../core/ports/clock.ts";
import { Refusal } from "../core/refusal.ts";
import { equalInConstantTime } from "../protocol/signature.ts";
import type { AddApp } from "./add-app.ts";
import type { ChangeApp } from "./change-app.ts";
import { lastUsedAtMs, redacted, revoked, withSecrets } from "./secrets.ts";

export interface AppCredentials {
  readonly id: string;
  readonly key: string;
  readonly secret: string;
}

export type Seeded =
  /** The app is new in this database, with a generated or a configured secret; or nobody has used the first app yet. */
  | { readonly outcome: "created"; readonly record: AppRecord }
  | { readonly outcome: "unchanged" }
  | { readonly outcome: "secretReplaced"; readonly record: AppRecord }
  /** The environment still configures a revoked or cancelled secret: the caller logs a warning. */
  | { readonly outcome: "revokedSecretIgnored"; readonly appId: string };

/**
 * @param wanted null if the environment names no app
 * @throws Error if the app has another key, since an app's key cannot change
 */
export type SeedApp = (wanted: AppCredentials | null) => Promise<Seeded>;

const environment = serverActor("environment");
const firstStart = serverActor("first start");

export function createSeedApp(store: AppStore, addApp: AddApp, changeApp: ChangeApp, clock: Clock): SeedApp {
  async function seedFirst(): Promise<Seeded> {
    const [first, ...others] = await store.list();
    if (first !== undefined)
      return others.length === 0 && isUnusedFirst(first)
        ? { outcome: "created", record: first }
        : { outcome: "unchanged" };
    try {
      return {
        outcome: "created",
        record: await addApp(firstStart, { name: "My first app" }, "createFirst"),
      };
    } catch (error) {
      if (isAppThere(error)) return { outcome: "unchanged" };
      throw error;
    }
  }

  async function replaceSecret(appId: string, value: string): Promise<AppRecord> {
    return changeApp(appId, environment, (record) => {
      const old = [activeSecret(record), pendingSecret(record)].filter((secret) => secret !== null);
      const made = newSecret("active", environment.name, clock.now(), value);
      const gone = old.map((secret) => revoked(secret, clock.now()));
      return {
        record: withSecrets(record, [...gone, made]),
        action: "secret.replace",
        target: `secret ${made.id}`,
        before: { secrets: old.map(redacted) },
        after: { secrets: [redacted(made)] },
      };
    });
  }

  async function seed(wanted: AppCredentials): Promise<Seeded> {
    const record = await store.find(wanted.id);
    if (record === null) {
      const name = `App ${wanted.id}`;
      return { outcome: "created", record: await addApp(environment, { ...wanted, name }) };
    }
    if (record.key !== wanted.key) {
      throw new Error(
        `App ${record.id} has the key ${record.key}, but ${wanted.key} is configured. An app's key cannot change: correct it or use another app id`,
      );
    }
    const known = record.secrets.find(({ value }) => equalInConstantTime(value, wanted.secret));
    if (known === undefined) {
      return { outcome: "secretReplaced", record: await replaceSecret(record.id, wanted.secret) };
    }
    return known.state === "revoked"
      ? { outcome: "revokedSecretIgnored", appId: record.id }
      : { outcome: "unchanged" };
  }

  return async function seedApp(wanted) {
    if (wanted === null) return seedFirst();
    try {
      return await seed(wanted);
    } catch (error) {
      if (isAppThere(error) && (await store.find(wanted.id)) !== null) return seed(wanted);
      throw error;
    }
  };
}

/** A start may have failed before anybody saw the credentials, such as on a busy port. */
function isUnusedFirst({ secrets }: AppRecord): boolean {
  const [secret, ...others] = secrets;
  if (secret === undefined || others.length > 0) return false;
  return secret.createdBy === firstStart.name && lastUsedAtMs(secret) === null;
}

/** True also if another node created the app in the meantime. */
function isAppThere(error: unknown): boolean {
  return error instanceof Refusal && error.code === "app_exists";
}
