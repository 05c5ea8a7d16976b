/**
 * Which node of a cluster holds an HTTP session. A client chooses the id of its session, and its requests may land on
 * any node. A single node does not need it.
 */
export interface SessionDirectory {
  /**
   * Claims the session for this node, unless a node holds it already. A claim ends five minutes after its last renewal.
   * @returns the id of the node that holds the session now
   * @throws EngineUnreachable
   */
  claim(session: string): Promise<string>;
  /** The id of the node that holds the session; null if no node does. @throws EngineUnreachable */
  find(session: string): Promise<string | null>;
  /** Extends this node's claim, and sets it again if the engine lost it. Does nothing while the engine is unreachable. */
  renew(session: string): void;
  /** Removes this node's claim. Does nothing while the engine is unreachable: the claim then ends by itself. */
  release(session: string): void;
}
