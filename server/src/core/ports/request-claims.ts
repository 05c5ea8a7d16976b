/** Rate limits and idempotency keys that all nodes share. A single node does not need it. */
import type { Rate } from "../limits/rate-limit.ts";

export interface RequestClaims {
  /**
   * Counts one request or attempt against a rate limit.
   * @param name of the limit. The caller bounds the number of names: each takes memory until its burst is full.
   * @returns the milliseconds to wait; 0: allowed. Rejects with EngineUnreachable while the engine is unreachable: the
   * caller then limits its own node.
   */
  take(name: string, rate: Rate): Promise<number>;

  /** Resets the count of a rate limit. Does nothing while the engine is unreachable. */
  reset(name: string): Promise<void>;

  /**
   * Runs the work for the first call with this key on any node. Every other call within the window gets the same
   * answer, also while the first is running. Failed work is forgotten, so a repeat runs it again. If the working node
   * dies, the key becomes free after 30 seconds, and the work may run twice. While the engine is unreachable the work
   * always runs: the caller remembers the keys of its own node.
   * @param work returns plain JSON
   */
  once<Answer>(appId: string, key: string, windowMs: number, work: () => Promise<Answer>): Promise<Answer>;
}
