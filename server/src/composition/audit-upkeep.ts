/** Maintains the audit log: removes old entries, and writes its head to the server's log. */
import type { Logger } from "pino";
import { headText } from "../core/audit-head.ts";
import type { AuditLog } from "../core/ports/audit-log.ts";
import type { Clock } from "../core/ports/clock.ts";

const dayMs = 86_400_000;

export class AuditUpkeep {
  readonly #audit: Pick<AuditLog, "head" | "removeBefore">;
  readonly #clock: Pick<Clock, "now">;
  readonly #retentionDays: number;
  readonly #log: Pick<Logger, "info" | "debug">;
  #loggedHead = "";
  #removedAtMs = Number.NEGATIVE_INFINITY;

  /** @param retentionDays 0: entries are never removed */
  constructor(
    audit: Pick<AuditLog, "head" | "removeBefore">,
    retentionDays: number,
    clock: Pick<Clock, "now">,
    log: Pick<Logger, "info" | "debug">,
  ) {
    this.#audit = audit;
    this.#retentionDays = retentionDays;
    this.#clock = clock;
    this.#log = log;
  }

  /** Call it at the start, periodically, and at the end. Does not throw: the next call retries what failed. */
  async run(): Promise<void> {
    try {
      await this.#removeOld();
      await this.#logHead();
    } catch (error) {
      // DatabaseWatch logs once that the database is unreachable.
      this.#log.debug({ err: error }, "Audit log maintenance failed; retrying later");
    }
  }

  async #removeOld(): Promise<void> {
    const nowMs = this.#clock.now();
    if (this.#retentionDays === 0 || nowMs - this.#removedAtMs < dayMs) return;
    const removed = await this.#audit.removeBefore(nowMs - this.#retentionDays * dayMs);
    this.#removedAtMs = nowMs;
    if (removed > 0) this.#log.info({ removed }, "Old entries of the audit log were removed");
  }

  /** A head stored outside the database proves later that no entry up to it was altered or cut off. */
  async #logHead(): Promise<void> {
    const head = await this.#audit.head();
    const auditHead = headText(head);
    if (head.sequence === 0 || auditHead === this.#loggedHead) return;
    this.#loggedHead = auditHead;
    this.#log.info(
      { auditHead },
      "The audit log's newest entry: `soketify audit verify --expect` compares with it",
    );
  }
}
