/** The file in the data folder through which commands find the running server. */
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { errorCode } from "../core/error-code.ts";

/** All URLs include the path prefix. */
interface ServerUrls {
  /** The URL of the admin API. */
  readonly url: string;
  /** The URL of the main port. */
  readonly clientUrl: string;
  /** Null if the dashboard is off. */
  readonly dashboardUrl: string | null;
  /** Whether no other server shares the folder. */
  readonly isAlone: boolean;
}

/** Contains the URLs and the token with which commands on this machine reach this server. Only its user can read it. */
export class LocalServerFile {
  readonly #path: string;
  readonly #token: string;
  readonly #pid: number;

  /**
   * @param token gives commands all permissions
   * @param pid of the process that runs as long as the server: the supervisor's if the server is a worker
   */
  constructor(dataDir: string, token: string, pid: number) {
    this.#path = join(dataDir, "server.json");
    this.#token = token;
    this.#pid = pid;
  }

  /** Replaces the file atomically: a command may read it at this moment, and a kill must not leave half of it. */
  write(urls: ServerUrls): void {
    const content = JSON.stringify({ ...urls, token: this.#token, pid: this.#pid });
    // A name of its own: nodes in containers that share the folder may have the same process id.
    const draft = `${this.#path}.${crypto.randomUUID()}`;
    writeFileSync(draft, content, { mode: 0o600 });
    renameSync(draft, this.#path);
  }

  /** Removes the file unless another process wrote it. */
  remove(): void {
    try {
      if (readFileSync(this.#path, "utf8").includes(this.#token)) rmSync(this.#path);
    } catch (error) {
      if (errorCode(error) !== "ENOENT") throw error;
    }
  }
}
