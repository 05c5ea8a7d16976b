/** The file in the data folder by which commands find the server that runs. */
import { chmodSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** URLs have the path prefix. */
interface Place {
  /** Of the admin API. */
  readonly url: string;
  /** Of the main port. */
  readonly clientUrl: string;
  /** Null where the dashboard is off. */
  readonly dashboardUrl: string | null;
  /** No other server shares the folder. */
  readonly isAlone: boolean;
}

/** Tells the command line on this machine how to reach this server; readable by its user alone. */
export class LocalServerFile {
  readonly #path: string;

  constructor(dataDir: string) {
    this.#path = join(dataDir, "server.json");
  }

  write(place: Place, token: string): void {
    writeFileSync(this.#path, JSON.stringify({ ...place, token, pid: process.pid }), { mode: 0o600 });
    // The mode above is for a new file only.
    chmodSync(this.#path, 0o600);
  }

  /** Leaves the file of another process alone. */
  remove(token: string): void {
    try {
      if (readFileSync(this.#path, "utf8").includes(token)) rmSync(this.#path);
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
    }
  }
}
