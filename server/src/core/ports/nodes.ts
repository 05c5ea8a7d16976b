/**
 * The nodes of the cluster, as each of them last reported.
 *
 * A node holds a lease at the engine and renews it every few seconds. Other nodes treat a node whose lease has
 * expired as dead. Its contributions to the roster are swept within 15 seconds of its last renewal.
 *
 * On one node (memory supplier) there is only this node, without a lease, and no node departs.
 *
 * On many nodes (Redis supplier) each node sends its report once a second and renews its lease every 3 seconds; a
 * lease lasts 10 seconds.
 */
import type { SessionCounts } from "../connections-by-transport.ts";

/** The health of a node, measured about once a second. */
export interface NodeHealth {
  /** The part of one core that its process uses; several threads may use more than 1. */
  readonly cpuShare: number;
  readonly eventLoopLagMs: number;
  readonly residentBytes: number;
  readonly heapUsedBytes: number;
  /** From a command to the engine to its answer. Null: the node is alone, or the engine was unreachable. */
  readonly engineRoundTripMs: number | null;
  readonly database: {
    readonly kind: string;
    readonly isReachable: boolean;
    readonly problem: string | null;
    /** The median time of its latest queries; null: not measured yet. */
    readonly latencyMs: number | null;
  };
  /** The number of dropped items by kind, since the start. */
  readonly drops: Readonly<Record<string, number>>;
  /** Absent for nodes of older versions. */
  readonly sessions?: SessionCounts;
}

/** What a node reports to the others. */
export interface NodeReport {
  /** For people. Two nodes may have the same. */
  readonly name: string;
  readonly hostname: string;
  /** The version of Soketify, such as `1.2.3`. */
  readonly version: string;
  /** Unix time in milliseconds. */
  readonly startedAtMs: number;
  readonly isDraining: boolean;
  /** Open connections by app id; apps without any are left out. */
  readonly connections: ReadonlyMap<string, number>;
  /** Those of `connections` that still have to authorize, by app id; apps without any are left out. */
  readonly unauthorized: ReadonlyMap<string, number>;
  /** Messages in and out in the last whole minute by app id; apps without any are left out. */
  readonly messagesLastMinute: ReadonlyMap<string, number>;
  readonly health: NodeHealth;
}

/** How answers name a node. */
export interface NodeName {
  readonly id: string;
  readonly name: string;
}

export interface NodeInfo extends NodeReport {
  /** Random, and new with each start of the process: a restarted node is a different node. */
  readonly id: string;
  /** When this node last received a new report from it, by this node's clock. */
  readonly lastSeenAtMs: number;
}

export interface DepartedNode extends NodeInfo {
  /** When it was swept: Unix time in milliseconds by the clock of the node that swept it. */
  readonly goneAtMs: number;
}

export interface Nodes {
  /** The id of this node. Known before `start`. */
  readonly id: string;

  /**
   * Enters the cluster. Resolves once the engine knows the node, or immediately if the engine is unreachable: then the
   * node enters when the engine is back.
   * @param report called whenever the node sends its report, at most once a second
   */
  start(report: () => NodeReport): Promise<void>;

  /**
   * Leaves the cluster, so that the others need not wait for the lease to expire. Its remaining contributions are
   * swept.
   */
  stop(): Promise<void>;

  /**
   * The nodes that are alive, this one included, longest running first. The information is at most some seconds old.
   */
  alive(): readonly NodeInfo[];

  /** The nodes that left or died within the last hour, as each last reported. */
  departed(): readonly DepartedNode[];

  /** The app's open connections on all other nodes, as last reported. */
  connectionsElsewhere(appId: string): number;
  /**
   * Those that count against the app's limit. Nodes that are draining and nodes without a connection to the engine,
   * such as killed ones, are left out, because their clients reconnect to the others and would count twice.
   * @param isAuthorizedOnly whether connections that still have to authorize are left out, too
   */
  limitedElsewhere(appId: string, isAuthorizedOnly: boolean): number;
  /** The app's messages in the last whole minute on all other nodes, as last reported. */
  messagesElsewhere(appId: string): number;

  /**
   * Sets the function that removes a departed node's contributions, see `Roster.sweep`. One node of the cluster calls
   * it with the id of a node whose lease expired or that left, and with the milliseconds since that node was last
   * alive. If it returns a time, one of the nodes that are alive then calls it again after that time, until it returns
   * null or the departed node is back. Every node retries until a call has resolved, because the sweeping node may die.
   * So a sweep may run twice, and the second run must change nothing.
   */
  onDeparted(sweep: (nodeId: string, goneMs: number) => Promise<number | null>): void;

  /**
   * Called when this node detects that its own lease expired while it was running, because it was paused or
   * disconnected. The others have swept it or will do so. It must enter all its contributions again, see
   * `Roster.enterAgain`. The node holds a new lease when this is called.
   */
  onSwept(enterAgain: () => Promise<void>): void;
}
