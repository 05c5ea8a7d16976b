/**
 * Who is alive: the nodes of the cluster, as each of them last told.
 *
 * A node holds a lease at the engine and renews it every few seconds. A node whose lease has run out is dead for the
 * others: what it contributed to the roster is swept within 15 seconds of its last sign of life.
 *
 * On one node (memory supplier) there is this node and no other, nothing is leased and nobody departs.
 * On many nodes (Redis supplier) each node tells its report once a second and renews its lease every 3 seconds; a lease
 * ends after 10.
 */

/** What a node tells the others of itself. */
export interface NodeReport {
  readonly hostname: string;
  /** Of Soketify, as `1.2.3`. */
  readonly version: string;
  /** Unix time in milliseconds. */
  readonly startedAtMs: number;
  readonly isDraining: boolean;
  /** Open connections by app id; apps without any are left out. */
  readonly connections: ReadonlyMap<string, number>;
}

export interface NodeInfo extends NodeReport {
  /** Random, new with each start of the process: a node that was restarted is another node. */
  readonly id: string;
}

export interface DepartedNode extends NodeInfo {
  /** When it was swept. Unix time in milliseconds by the clock of the node that swept it. */
  readonly goneAtMs: number;
}

export interface Nodes {
  /** This node's. Known before `start`. */
  readonly id: string;

  /**
   * Enters the cluster. Resolves once the engine knows the node, or at once where the engine is away: the node enters
   * when it is back.
   * @param report called whenever the node tells the others of itself, at most once a second
   */
  start(report: () => NodeReport): Promise<void>;

  /** Leaves the cluster: the others need not wait for a lease to end. What it still contributes is swept. */
  stop(): Promise<void>;

  /** The nodes that are alive, this one included, the longest running first. As last told, at most some seconds old. */
  alive(): readonly NodeInfo[];

  /** The nodes that left or died within the last hour, as each last told of itself. */
  departed(): readonly DepartedNode[];

  /** Open connections of the app on all other nodes, as last told. For limits that hold for the whole cluster. */
  connectionsElsewhere(appId: string): number;

  /**
   * Sets who cleans up after a node. `sweep` is called on one node of the cluster, with the id of a node whose lease ran
   * out or that has left. It is called again, there or on another node, until a call has resolved: a sweeper may die, too.
   * So a sweep may run twice and must change nothing the second time, see `Roster.sweep`.
   */
  onDeparted(sweep: (nodeId: string) => Promise<void>): void;

  /**
   * Called when this node finds that its own lease had run out while it lived, because it was paused or cut off. The
   * others have swept it or are about to, so it has to enter everything again, see `Roster.enterAgain`. The node holds
   * a lease again when this is called.
   */
  onSwept(enterAgain: () => Promise<void>): void;
}
