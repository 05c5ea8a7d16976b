/** The key outside of the database that the key inside it is wrapped with. */
import { createHmac, randomBytes } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

export const keyBytes = 32;

export interface MasterKey {
  /** A fingerprint: names the key in records and messages and gives nothing of it away. */
  readonly id: string;
  readonly bytes: Buffer;
}

/** Where an operator keeps it: the value of SOKETIFY_MASTER_KEY, or else the file `master.key` in the data folder. */
export interface MasterKeySource {
  readonly value: string | null;
  readonly dataDir: string;
}

/**
 * The given key, or the one in the file. Null where there is neither.
 * @throws MasterKeyUnusable where it is no 32 bytes of base64 or hex
 */
export function readMasterKey({ value, dataDir }: MasterKeySource): MasterKey | null {
  if (value !== null) return parseMasterKey(value, "SOKETIFY_MASTER_KEY");
  const path = masterKeyPath(dataDir);
  const text = readIfThere(path);
  return text === null ? null : parseMasterKey(text, path);
}

/** Makes the file `master.key`, readable by its owner only, unless another process was quicker: then reads that one. */
export function createMasterKeyFile(dataDir: string): MasterKey {
  const path = masterKeyPath(dataDir);
  const draft = `${path}.${process.pid}`;
  writeKeyFile(draft);
  try {
    // A link appears whole, and fails where the name is taken.
    linkSync(draft, path);
  } catch (error) {
    if (!isCode(error, "EEXIST")) throw error;
  } finally {
    rmSync(draft);
  }
  return parseMasterKey(readFileSync(path, "utf8"), path);
}

/**
 * A key that is to take the place of `master.key`: in a file beside it until `adoptNextMasterKey`, so that a crash
 * in between loses neither. Answers the one that an earlier, interrupted change left there.
 */
export function nextMasterKey(dataDir: string): MasterKey {
  const path = nextPath(dataDir);
  if (readIfThere(path) === null) writeKeyFile(path);
  return parseMasterKey(readFileSync(path, "utf8"), path);
}

export function adoptNextMasterKey(dataDir: string): void {
  renameSync(nextPath(dataDir), masterKeyPath(dataDir));
}

export function masterKeyPath(dataDir: string): string {
  return join(dataDir, "master.key");
}

/** @param from names the place in the error; the text itself is never repeated */
export function parseMasterKey(text: string, from: string): MasterKey {
  const bytes = decode(text.trim());
  if (bytes === null)
    throw new MasterKeyUnusable(
      `${from} is not a master key: it must be ${keyBytes} bytes as base64 or hex, as "openssl rand -base64 32" prints`,
    );
  const id = createHmac("sha256", bytes).update("soketify master key").digest("hex").slice(0, 16);
  return { id, bytes };
}

export class MasterKeyUnusable extends Error {}

function nextPath(dataDir: string): string {
  return `${masterKeyPath(dataDir)}.next`;
}

function writeKeyFile(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(path, `${randomBytes(keyBytes).toString("base64")}\n`, { mode: 0o600, flush: true });
}

function decode(text: string): Buffer | null {
  if (/^[0-9a-f]{64}$/i.test(text)) return Buffer.from(text, "hex");
  if (!/^[\w+/-]{43}=?$/.test(text)) return null;
  return Buffer.from(text, "base64");
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (isCode(error, "ENOENT")) return null;
    throw new MasterKeyUnusable(`Cannot read the master key ${path}: ${String(error)}`);
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
