/** A damaged file of the embedded database: found before it is served, and told with what to do. */
import { sql } from "kysely";
import { isDamage } from "./database-error.ts";
import type { Database } from "./schema.ts";

/** What SQLite says is wrong with its file; null where nothing is. Reads the whole file. */
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

/** A part of a sentence. @param why what SQLite says of the file */
export function explainDamage(file: string, why: string): string {
  return `the file ${file} is damaged (${why}). Stop every Soketify on it and keep a copy of the folder. Then restore a backup. Without one, this saves what can still be read: sqlite3 ${file} .recover | sqlite3 recovered.db; then put recovered.db in its place and delete ${file}-wal and ${file}-shm`;
}
