/** Converts apps to database rows and back. */
import type { Insertable, Selectable } from "kysely";
import type { AppRecord, Secret, SecretLastUsed, SecretState } from "../../core/apps/app.ts";
import { type AppSettings, defaultAppSettings, settingNames } from "../../core/apps/app-settings.ts";
import type { Schema } from "../database/schema.ts";
import type { DataKeys } from "../keys/data-keys.ts";
import type { SecretBox } from "../keys/secret-box.ts";

type AppRow = Selectable<Schema["apps"]>;
type SecretRow = Selectable<Schema["secrets"]>;
/** One secret of an app, the data key that seals it, and the app itself, as one statement reads them. */
export type AppWithSecret = Omit<SecretRow, "position"> &
  Pick<AppRow, "key" | "name" | "isEnabled" | "settings" | "revision"> & {
    appCreatedAtMs: number;
    masterKeyId: string;
    wrapped: string;
  };

export function toAppRow(app: AppRecord, version: number): Insertable<Schema["apps"]> {
  return {
    id: app.id,
    key: app.key,
    name: app.name,
    isEnabled: app.isEnabled ? 1 : 0,
    settings: JSON.stringify(changedSettings(app.settings)),
    createdAtMs: app.createdAtMs,
    revision: app.revision,
    changedIn: version,
  };
}

export function toSecretRow(
  appId: string,
  position: number,
  secret: Secret,
  { id: dataKeyId, box }: { id: string; box: SecretBox },
): Insertable<Schema["secrets"]> {
  return {
    id: secret.id,
    appId,
    position,
    state: secret.state,
    dataKeyId,
    sealed: box.seal(secret.value, secretContext(appId, secret.id)),
    createdAtMs: secret.createdAtMs,
    createdBy: secret.createdBy,
    activatedAtMs: secret.activatedAtMs,
    revokedAtMs: secret.revokedAtMs,
    httpApiAtMs: secret.lastUsed.httpApi ?? null,
    channelAuthorizationAtMs: secret.lastUsed.channelAuthorization ?? null,
    signInAtMs: secret.lastUsed.signIn ?? null,
  };
}

/** `rows` has one row for each secret of each app. The apps are returned in the order of the rows. */
export function toAppRecords(rows: readonly AppWithSecret[], keys: DataKeys): AppRecord[] {
  const byApp = Map.groupBy(rows, ({ appId }) => appId);
  return [...byApp.values()].flatMap((ofApp) =>
    ofApp.slice(0, 1).map((app) => toAppRecord(app, ofApp, keys)),
  );
}

function toAppRecord(app: AppWithSecret, rows: readonly AppWithSecret[], keys: DataKeys): AppRecord {
  return {
    id: app.appId,
    key: app.key,
    name: app.name,
    isEnabled: app.isEnabled === 1,
    settings: toSettings(JSON.parse(app.settings)),
    createdAtMs: app.appCreatedAtMs,
    revision: app.revision,
    secrets: rows.map((row) => toSecret(row, keys)),
  };
}

/** The settings that differ from their defaults. */
export function changedSettings(settings: AppSettings): Partial<AppSettings> {
  const changed = settingNames.filter(
    (name) => JSON.stringify(settings[name]) !== JSON.stringify(defaultAppSettings[name]),
  );
  return Object.fromEntries(changed.map((name) => [name, settings[name]]));
}

/** Binds an encrypted secret to its app and id. */
export function secretContext(appId: string, secretId: string): string {
  return `app/${appId}/secret/${secretId}`;
}

function toSecret(row: AppWithSecret, keys: DataKeys): Secret {
  const { dataKeyId, masterKeyId, wrapped } = row;
  const value = keys
    .box({ id: dataKeyId, masterKeyId, wrapped })
    .open(row.sealed, secretContext(row.appId, row.id));
  return {
    id: row.id,
    value: value.toString(),
    state: row.state as SecretState,
    createdAtMs: row.createdAtMs,
    createdBy: row.createdBy,
    activatedAtMs: row.activatedAtMs,
    revokedAtMs: row.revokedAtMs,
    lastUsed: toLastUsed(row),
  };
}

function toLastUsed(row: AppWithSecret): SecretLastUsed {
  return {
    ...(row.httpApiAtMs !== null && { httpApi: row.httpApiAtMs }),
    ...(row.channelAuthorizationAtMs !== null && { channelAuthorization: row.channelAuthorizationAtMs }),
    ...(row.signInAtMs !== null && { signIn: row.signInAtMs }),
  };
}

/** Leaves out settings that this release does not know; settings that the app has not changed get today's default. */
function toSettings(stored: Partial<AppSettings>): AppSettings {
  const known = settingNames.filter((name) => name in stored).map((name) => [name, stored[name]]);
  return { ...defaultAppSettings, ...Object.fromEntries(known) };
}
