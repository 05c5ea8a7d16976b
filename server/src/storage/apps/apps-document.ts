/** A JSON document with apps, to move them between databases. A passphrase encrypts the secrets. */
import { randomBytes, type ScryptOptions, scrypt } from "node:crypto";
import { promisify } from "node:util";
import { z } from "zod";
import type { AppRecord } from "../../core/apps/app.ts";
import {
  defaultAppSettings,
  type SettingRule,
  settingNames,
  settingRules,
} from "../../core/apps/app-settings.ts";
import { areChannelRules, type ChannelRule, channelRulesMax } from "../../core/apps/channel-rules.ts";
import { NulInText, parseStorableJson } from "../../net/storable-json.ts";
import { SecretBox, SecretUnreadable } from "../keys/secret-box.ts";
import { changedSettings, secretContext } from "./app-rows.ts";

const format = "soketify-apps";
const appsMax = 100_000;
const passphraseLengthMin = 12;
const keyBytes = 32;
/** Each guess of the passphrase costs 64 MiB and about a tenth of a second. */
const scryptCost: ScryptOptions = { N: 65_536, r: 8, p: 1, maxmem: 128 * 1_048_576 };

const timeMs = z.int().nonnegative();
const name = (lengthMax: number) => z.string().min(1).max(lengthMax);

const secretSchema = z.strictObject({
  id: name(64),
  state: z.enum(["active", "pending", "revoked"]),
  sealed: z.string().max(10_000),
  createdAtMs: timeMs,
  createdBy: z.string().max(255),
  activatedAtMs: timeMs.nullable(),
  revokedAtMs: timeMs.nullable(),
});

const appSchema = z.strictObject({
  id: name(64),
  key: name(128),
  name: name(255),
  isEnabled: z.boolean(),
  settings: z.strictObject(
    Object.fromEntries(
      settingNames.map((setting) => [setting, settingSchema(settingRules[setting]).optional()]),
    ),
  ),
  createdAtMs: timeMs,
  secrets: z
    .array(secretSchema)
    .max(100)
    .refine(
      (secrets) => secrets.filter(({ state }) => state === "active").length === 1,
      "needs one active secret",
    )
    .refine(
      (secrets) => secrets.filter(({ state }) => state === "pending").length <= 1,
      "has two pending secrets",
    ),
});

const documentSchema = z.strictObject({
  format: z.literal(format),
  version: z.literal(1),
  exportedAtMs: timeMs,
  salt: z.base64().length(24),
  apps: z.array(appSchema).max(appsMax),
});

/** @throws AppsDocumentUnusable if the passphrase is too short */
export async function writeAppsDocument(
  apps: readonly AppRecord[],
  passphrase: string,
  nowMs: number,
): Promise<string> {
  if (passphrase.length < passphraseLengthMin)
    throw new AppsDocumentUnusable(`The passphrase must have at least ${passphraseLengthMin} characters`);
  const salt = randomBytes(16);
  const box = await boxFor(passphrase, salt);
  const document: z.input<typeof documentSchema> = {
    format,
    version: 1,
    exportedAtMs: nowMs,
    salt: salt.toString("base64"),
    apps: apps.map(({ revision: _, ...app }) => ({
      ...app,
      settings: changedSettings(app.settings),
      secrets: app.secrets.map(({ value, lastUsed: _, ...secret }) => ({
        ...secret,
        sealed: box.seal(value, secretContext(app.id, secret.id)),
      })),
    })),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

/**
 * Returns the apps of a document, each at revision 1, with secrets that were never used.
 * @throws AppsDocumentUnusable if the text is not such a document or the passphrase is wrong
 */
export async function readAppsDocument(text: string, passphrase: string): Promise<AppRecord[]> {
  const { salt, apps } = parseDocument(text);
  const box = await boxFor(passphrase, Buffer.from(salt, "base64"));
  try {
    return apps.map((app) => ({
      ...app,
      settings: { ...defaultAppSettings, ...app.settings },
      revision: 1,
      secrets: app.secrets.map(({ sealed, ...secret }) => ({
        ...secret,
        value: box.open(sealed, secretContext(app.id, secret.id)).toString(),
        lastUsed: {},
      })),
    }));
  } catch (error) {
    if (error instanceof SecretUnreadable)
      throw new AppsDocumentUnusable("The passphrase is wrong, or the file was altered");
    throw error;
  }
}

export class AppsDocumentUnusable extends Error {}

function parseDocument(text: string): z.output<typeof documentSchema> {
  let json: unknown;
  try {
    json = parseStorableJson(text);
  } catch (error) {
    if (error instanceof NulInText) throw new AppsDocumentUnusable(error.message);
    throw new AppsDocumentUnusable("The file is not JSON: it must be a file that soketify export wrote");
  }
  const parsed = documentSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new AppsDocumentUnusable(
    `The file was not written by soketify export:\n${z.prettifyError(parsed.error)}`,
  );
}

async function boxFor(passphrase: string, salt: Buffer): Promise<SecretBox> {
  // Normalized, so that the same characters give the same key with every keyboard layout.
  const derive = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt);
  return new SecretBox(await derive(passphrase.normalize("NFC"), salt, keyBytes, scryptCost));
}

function settingSchema(rule: SettingRule) {
  switch (rule.kind) {
    case "toggle":
      return z.boolean();
    case "number":
      return z.int().min(rule.min).max(rule.max);
    case "rules":
      return z.custom<readonly ChannelRule[]>(
        areChannelRules,
        `must be a list of at most ${channelRulesMax} channel rules, each with a pattern and settings within their ranges`,
      );
    case "list":
      return z.array(z.string().max(255)).max(rule.lengthMax).readonly();
    default:
      return rule satisfies never;
  }
}
