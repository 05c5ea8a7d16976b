/** The file in the data folder through which commands find the running server. */
import { chmodSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** All URLs include the path prefix. */
interface ServerUrls {
  /** The URL of the admin API. */
  readonly url: string;
  /** The URL of the main port. */
  readonly clientUrl: string;
  /** Null where the dashboard is off. */
  readonly dashboardUrl: string | null;
  /** Whether no other server shares the folder. */
  readonly isAlone: boolean;
}

/** Contains how commands on this machine reach this server. Only its user can read it. */
export class LocalServerFile {
  readonly #path: string;

  constructor(dataDir: string) {
    this.#path = join(dataDir, "server.json");
  }

  write(place: ServerUrls, token: string): void {
    writeFileSync(this.#path, JSON.stringify({ ...place, token, pid: process.pid }), { mode: 0o600 });
    // writeFile sets the mode only of a new file.
    chmodSync(this.#path, 0o600);
  }

  /** Removes the file unless another process wrote it. */
  remove(token: string): void {
    try {
      if (readFileSync(this.#path, "utf8").includes(token)) rmSync(this.#path);
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
    }
  }
}
