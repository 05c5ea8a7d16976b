/** Loads the configuration of a test. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigError, loadConfig } from "../../src/config/load-config.ts";

export interface Given {
  readonly flags?: Record<string, unknown>;
  readonly env?: Record<string, string>;
  /** Files in the working folder, by name. */
  readonly files?: Record<string, string>;
  readonly configPath?: string;
  /** Memory limit of the process, in bytes. */
  readonly memoryBytes?: number;
}

export function load({ flags = {}, env = {}, files = {}, configPath, memoryBytes = 2 ** 30 }: Given) {
  const folder = mkdtempSync(join(tmpdir(), "soketify-config-"));
  try {
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
    return loadConfig({
      flags,
      configPath,
      machine: { env, descriptorsMax: 20_000, memoryBytes },
      folder,
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export function problemsOf(given: Given): readonly string[] {
  try {
    load(given);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

/** A complete app from the environment. */
export const app = {
  SOKETIFY_APP_ID: "12",
  SOKETIFY_APP_KEY: "abc",
  SOKETIFY_APP_SECRET: "a-secret-of-some-length",
};
