/** A file with the last known apps of the database, so that a start without the database can serve them. */
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { errorCode } from "../../core/error-code.ts";
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

  /** @param database its description: a snapshot of another database is ignored */
  constructor(dataDir: string, database: string) {
    this.#path = join(dataDir, "apps.snapshot.json");
    this.#database = database;
  }

  /** Writes the database rows, in which secrets are encrypted. The file is replaced atomically. */
  async write(rows: AppWithSecret[]): Promise<void> {
    const snapshot: Snapshot = { format, database: this.#database, rows };
    const draft = `${this.#path}.${process.pid}`;
    await mkdir(join(this.#path, ".."), { recursive: true, mode: 0o700 });
    await writeFile(draft, JSON.stringify(snapshot), { mode: 0o600, flush: true });
    await rename(draft, this.#path);
  }

  /** Null if there is no snapshot of this database. */
  async read(): Promise<AppWithSecret[] | null> {
    const text = await readFile(this.#path, "utf8").catch((error) => {
      if (errorCode(error) === "ENOENT") return null;
      throw error;
    });
    if (text === null) return null;
    const snapshot: Snapshot = JSON.parse(text);
    return snapshot.format === format && snapshot.database === this.#database ? snapshot.rows : null;
  }
}
