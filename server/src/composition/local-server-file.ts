/** The file in the data folder by which commands find the server that runs. */
import { chmodSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Tells the command line on this machine how to reach this server; readable by its user alone. */
export class LocalServerFile {
  readonly #path: string;

  constructor(dataDir: string) {
    this.#path = join(dataDir, "server.json");
  }

  /** URLs with the path prefix: of the admin API, and of the main port. */
  write(urls: { readonly url: string; readonly clientUrl: string }, token: string): void {
    writeFileSync(this.#path, JSON.stringify({ ...urls, token, pid: process.pid }), { mode: 0o600 });
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
