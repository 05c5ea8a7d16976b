/** Watches whether the database answers and accepts writes. */
import type { Logger } from "pino";
import type { AppFeed, AppFeedListener } from "../storage/apps/app-feed.ts";
import type { Database } from "../storage/database/schema.ts";
import type { WriteWatch } from "../storage/database/write-watch.ts";

export class DatabaseWatch {
  readonly #db: Database;
  readonly #feed: AppFeed;
  readonly #writes: WriteWatch;
  #unreachableReason: string | null = null;

  constructor(db: Database, feed: AppFeed, writes: WriteWatch) {
    this.#db = db;
    this.#feed = feed;
    this.#writes = writes;
  }

  get isReachable(): boolean {
    return this.#feed.isReachable;
  }

  /** The median time of its latest queries; null: not measured yet. */
  get latencyMs(): number | null {
    return this.#feed.latencyMs;
  }

  get isWritable(): boolean {
    return this.#writes.problem === null;
  }

  /** The problem as a sentence; null: the database answers and accepts writes. */
  get problem(): string | null {
    return this.#unreachableReason ?? this.#writes.problem;
  }

  /**
   * Watches the database until `stop()`, and logs when it becomes unreachable and reachable. Resolves after the first
   * check.
   * @param onBack called each time it becomes reachable again
   */
  async start(apps: Omit<AppFeedListener, "reachable">, onBack: () => void, log: Logger): Promise<void> {
    const reachable = (isReachable: boolean, error: unknown) => {
      this.#unreachableReason = isReachable ? null : String(error);
      if (isReachable) {
        log.info("The database is reachable");
        onBack();
      } else {
        log.warn({ err: error }, "The database is unreachable; known apps are still served");
      }
    };
    await this.#feed.start({ ...apps, reachable }, log);
    this.#writes.start(this.#db, log);
  }

  stop(): void {
    this.#feed.stop();
    this.#writes.stop();
  }

  /** Stops watching and closes the database connections. */
  async close(): Promise<void> {
    this.stop();
    await this.#db.destroy();
  }
}
