/** The master key wraps the data key. It is stored outside the database. */
import { createHmac, randomBytes } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { errorCode } from "../../core/error-code.ts";

export const keyBytes = 32;

export interface MasterKey {
  /** A fingerprint that identifies the key in records and messages, and reveals nothing of it. */
  readonly id: string;
  readonly bytes: Buffer;
}

/** The location of the key: SOKETIFY_MASTER_KEY, or else the file `master.key` in the data folder. */
export interface MasterKeySource {
  readonly value: string | null;
  readonly dataDir: string;
}

/**
 * Returns the given key, or else the key in the file; null if both are missing.
 * @throws MasterKeyUnusable if the key is not 32 bytes as base64 or hex
 */
export function readMasterKey({ value, dataDir }: MasterKeySource): MasterKey | null {
  if (value !== null) return parseMasterKey(value, "SOKETIFY_MASTER_KEY");
  const path = masterKeyPath(dataDir);
  const text = readIfThere(path);
  return text === null ? null : parseMasterKey(text, path);
}

/**
 * Creates the file `master.key`, readable only by its owner. If another process has created it first, reads that one.
 */
export function createMasterKeyFile(dataDir: string): MasterKey {
  const path = masterKeyPath(dataDir);
  const draft = `${path}.${process.pid}`;
  writeKeyFile(draft);
  try {
    // A link is created atomically, and fails if the name exists.
    linkSync(draft, path);
  } catch (error) {
    if (errorCode(error) !== "EEXIST") throw error;
  } finally {
    rmSync(draft);
  }
  return parseMasterKey(readFileSync(path, "utf8"), path);
}

/**
 * Returns the key that will replace `master.key`. It is in a file beside it until `adoptNextMasterKey`, so that a crash in
 * between loses neither key. If an interrupted change left such a file, returns its key.
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

/** @param from names the source in errors; the text itself is never repeated */
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
    if (errorCode(error) === "ENOENT") return null;
    throw new MasterKeyUnusable(`Cannot read the master key ${path}: ${String(error)}`);
  }
}
