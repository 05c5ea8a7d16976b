/** What the requests of an app's backends share on all nodes: a rate, and idempotency keys. One node alone needs none. */

export interface RequestClaims {
  /**
   * Takes one request out of the app's rate, which all nodes share.
   * @returns how many milliseconds to wait; 0: the request may go on. Where the engine is away it rejects with EngineAway:
   * the caller then counts the requests of its own node.
   */
  take(appId: string, perSecondMax: number): Promise<number>;

  /**
   * Runs the work for the first call with this key on any node, and gives its answer to each other call within the window,
   * also while the first is under way. Work that fails is forgotten, so that a repeat tries again. If the node that works
   * dies, the key is free again after half a minute: then the work may be done twice.
   * Where the engine is away the work is run: the caller remembers keys of its own node.
   * @param work its answer is plain JSON
   */
  once<Answer>(appId: string, key: string, windowMs: number, work: () => Promise<Answer>): Promise<Answer>;
}
