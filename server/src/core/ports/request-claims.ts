/**
 * The rate limit and the idempotency keys of an app's HTTP requests, shared by all nodes. A single node does not need
 * it.
 */

export interface RequestClaims {
  /**
   * Counts one request against the app's rate limit, which all nodes share.
   * @returns the milliseconds to wait; 0: the request is allowed. Rejects with EngineAway while the engine is away:
   * the caller then limits the requests of its own node.
   */
  take(appId: string, perSecondMax: number): Promise<number>;

  /**
   * Runs the work for the first call with this key on any node. Every other call within the window gets the same
   * answer, also while the first is running. Failed work is forgotten, so a repeat runs it again. If the working node
   * dies, the key becomes free after 30 seconds, and the work may run twice. While the engine is away the work always
   * runs: the caller remembers the keys of its own node.
   * @param work returns plain JSON
   */
  once<Answer>(appId: string, key: string, windowMs: number, work: () => Promise<Answer>): Promise<Answer>;
}
