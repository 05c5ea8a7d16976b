/** Detects a damaged SQLite file before it is served, and explains what to do. */
import { sql } from "kysely";
import { isDamage } from "./database-error.ts";
import type { Database } from "./schema.ts";

/** Returns what SQLite says is wrong with its file, or null. Reads the whole file. */
export async function damageOf(db: Database): Promise<string | null> {
  try {
    const { rows } = await sql<{ quick_check: string }>`pragma quick_check(1)`.execute(db.withoutPlugins());
    const found = rows[0]?.quick_check ?? "ok";
    return found === "ok" ? null : found.replaceAll("\n", " ");
  } catch (error) {
    if (!isDamage(error)) throw error;
    return error instanceof Error ? error.message : String(error);
  }
}

/** Returns a part of a sentence. @param why SQLite's message about the file */
export function explainDamage(file: string, why: string): string {
  return `the file ${file} is damaged (${why}). Stop every Soketify on it and keep a copy of the folder. Then restore a backup. Without one, this saves what can still be read: sqlite3 ${file} .recover | sqlite3 recovered.db; then put recovered.db in its place and delete ${file}-wal and ${file}-shm`;
}
