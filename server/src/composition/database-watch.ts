/** Whether the database answers and takes changes, as this server has last seen it. */
import type { Logger } from "pino";
import type { AppFeed, AppFeedListener } from "../storage/app-feed.ts";
import type { Database } from "../storage/schema.ts";
import type { WriteWatch } from "../storage/write-watch.ts";

export class DatabaseWatch {
  readonly #db: Database;
  readonly #feed: AppFeed;
  readonly #writes: WriteWatch;
  #whyAway: string | null = null;

  constructor(db: Database, feed: AppFeed, writes: WriteWatch) {
    this.#db = db;
    this.#feed = feed;
    this.#writes = writes;
  }

  get isReachable(): boolean {
    return this.#feed.isReachable;
  }

  get isWritable(): boolean {
    return this.#writes.problem === null;
  }

  /** In words, where it is away or takes no changes. */
  get problem(): string | null {
    return this.#whyAway ?? this.#writes.problem;
  }

  /**
   * Follows the database until `stop()`, and says in the log when it goes and comes back. Resolves after the first look.
   * @param onBack runs each time that it is back
   */
  async start(
    apps: Pick<AppFeedListener, "changed" | "removed">,
    onBack: () => void,
    log: Logger,
  ): Promise<void> {
    const reachable = (isReachable: boolean, error: unknown) => {
      this.#whyAway = isReachable ? null : String(error);
      if (isReachable) {
        log.info("The database answers");
        onBack();
      } else {
        log.warn({ err: error }, "The database is away: the apps that are known are served all the same");
      }
    };
    await this.#feed.start({ ...apps, reachable }, log);
    this.#writes.start(this.#db, log);
  }

  stop(): void {
    this.#feed.stop();
    this.#writes.stop();
  }

  /** Follows it no longer, and ends the connections to it. */
  async close(): Promise<void> {
    this.stop();
    await this.#db.destroy();
  }
}
