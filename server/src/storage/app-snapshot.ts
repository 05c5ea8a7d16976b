/** What the database last said of the apps, in a file: so a start without the database can serve them. */
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { AppWithSecret } from "./app-rows.ts";

const format = 1;

interface Snapshot {
  readonly format: number;
  readonly database: string;
  readonly rows: AppWithSecret[];
}

export class AppSnapshot {
  readonly #path: string;
  readonly #database: string;

  /** @param database names it: another database's snapshot is no use */
  constructor(dataDir: string, database: string) {
    this.#path = join(dataDir, "apps.snapshot.json");
    this.#database = database;
  }

  /** The rows as the database holds them, so the secrets stay sealed. The file changes whole or not at all. */
  async write(rows: AppWithSecret[]): Promise<void> {
    const snapshot: Snapshot = { format, database: this.#database, rows };
    const draft = `${this.#path}.${process.pid}`;
    await mkdir(join(this.#path, ".."), { recursive: true, mode: 0o700 });
    await writeFile(draft, JSON.stringify(snapshot), { mode: 0o600, flush: true });
    await rename(draft, this.#path);
  }

  /** Null where there is none of this database. */
  async read(): Promise<AppWithSecret[] | null> {
    const text = await readFile(this.#path, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return null;
      throw error;
    });
    if (text === null) return null;
    const snapshot: Snapshot = JSON.parse(text);
    return snapshot.format === format && snapshot.database === this.#database ? snapshot.rows : null;
  }
}
