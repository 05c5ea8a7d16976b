/** The text of an API token: `sfy_`, 160 random bits, and a checksum that detects typing errors. */
import { createHash, randomBytes } from "node:crypto";

const prefix = "sfy_";
const pattern = /^sfy_([0-9a-f]{40})([0-9a-f]{8})$/;

export function newTokenText(): string {
  const random = randomBytes(20).toString("hex");
  return `${prefix}${random}${checksum(random)}`;
}

/** `foreign` is text in another format, such as a configured admin token. */
export function tokenKind(text: string): "wellFormed" | "malformed" | "foreign" {
  if (!text.startsWith(prefix)) return "foreign";
  const [, random = "", sum = ""] = pattern.exec(text) ?? [];
  return random !== "" && checksum(random) === sum ? "wellFormed" : "malformed";
}

/** The stored hash. The token is random, so a hash without salt is safe. */
export function tokenHash(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** A stored scope. It contains the app's creation time, so that it does not apply to a later app with the same id. */
export function appScope(id: string, bornAtMs: number): string {
  return `app:${id}@${bornAtMs}`;
}

/** Null if the scope has no app. `bornAtMs` is null in tokens of older releases. */
export function appOfScope(scope: string): { readonly id: string; readonly bornAtMs: number | null } | null {
  const [, id = "", bornAtMs] = /^app:([^@]+)(?:@(\d+))?$/.exec(scope) ?? [];
  if (id === "") return null;
  return { id, bornAtMs: bornAtMs === undefined ? null : Number(bornAtMs) };
}

function checksum(random: string): string {
  return Bun.hash
    .crc32(prefix + random)
    .toString(16)
    .padStart(8, "0");
}
