import { afterEach, beforeEach, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  createMasterKeyFile,
  MasterKeyUnusable,
  masterKeyPath,
  parseMasterKey,
  readMasterKey,
} from "./master-key.ts";

let dataDir: string;

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "soketify-"));
});

afterEach(() => rmSync(dataDir, { recursive: true }));

test("parseMasterKey accepts base64, URL-safe base64 and hex", () => {
  const bytes = randomBytes(32);
  const ids = [
    bytes.toString("base64"),
    bytes.toString("base64url"),
    bytes.toString("hex"),
    `${bytes.toString("hex")}\n`,
  ]
    .map((text) => parseMasterKey(text, "the key"))
    .map((key) => key.id);
  expect(new Set(ids).size).toBe(1);
});

test("parseMasterKey refuses a malformed key and does not repeat it in the error", () => {
  for (const text of [
    "",
    "pass-phrase",
    randomBytes(31).toString("hex"),
    randomBytes(33).toString("base64"),
  ]) {
    const parse = () => parseMasterKey(text, "SOKETIFY_MASTER_KEY");
    expect(parse).toThrow("SOKETIFY_MASTER_KEY is not a master key: it must be 32 bytes as base64 or hex");
    if (text !== "") expect(parse).not.toThrow(text);
  }
});

test("the id differs for each key and contains no part of the key", () => {
  const bytes = randomBytes(32);
  const { id } = parseMasterKey(bytes.toString("hex"), "the key");
  expect(id).toMatch(/^[0-9a-f]{16}$/);
  expect(bytes.toString("hex")).not.toContain(id);
  expect(parseMasterKey(randomBytes(32).toString("hex"), "the key").id).not.toBe(id);
});

test("createMasterKeyFile creates one file that only its owner can read", () => {
  const made = createMasterKeyFile(dataDir);
  expect(statSync(masterKeyPath(dataDir)).mode & 0o777).toBe(0o600);
  expect(createMasterKeyFile(dataDir)).toEqual(made);
  expect(readMasterKey({ value: null, dataDir })).toEqual(made);
  expect(readdirSync(dataDir)).toEqual(["master.key"]);
});

test("readMasterKey prefers the given key over the file, and returns null without both", () => {
  expect(readMasterKey({ value: null, dataDir })).toBeNull();
  createMasterKeyFile(dataDir);
  const value = randomBytes(32).toString("hex");
  expect(readMasterKey({ value, dataDir })?.bytes.toString("hex")).toBe(value);
});

test("readMasterKey names a damaged key file and does not change it", () => {
  writeFileSync(masterKeyPath(dataDir), "damaged");
  expect(() => readMasterKey({ value: null, dataDir })).toThrow(MasterKeyUnusable);
  expect(() => readMasterKey({ value: null, dataDir })).toThrow(masterKeyPath(dataDir));
  expect(readFileSync(masterKeyPath(dataDir), "utf8")).toBe("damaged");
});
