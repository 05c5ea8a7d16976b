/** The reports of nodes as Redis stores them. */
import type { NodeInfo, NodeReport } from "../core/ports/nodes.ts";

export interface StoredNode extends Omit<NodeReport, "connections" | "unauthorized" | "messagesLastMinute"> {
  readonly connections: Readonly<Record<string, number>>;
  /** Absent for nodes of older versions. */
  readonly unauthorized?: Readonly<Record<string, number>>;
  readonly messagesLastMinute: Readonly<Record<string, number>>;
  readonly topics: readonly string[];
  /** Increases with each report, so that two reports always differ. */
  readonly sequence: number;
  /** When Redis received the report, by its clock. Absent for nodes of older versions. */
  readonly aliveAtMs?: number;
}

export interface StoredDeparted extends StoredNode {
  readonly goneAtMs: number;
  /** When the grace of the next members passes, by the clock of Redis; undefined: nothing is left. */
  readonly sweepAtMs?: number;
}

export interface KnownNode {
  readonly info: NodeInfo;
  readonly topics: ReadonlySet<string>;
}

/** @param lastSeenAtMs when the report arrived here */
export function decodeNode(id: string, stored: StoredNode, lastSeenAtMs: number): KnownNode {
  const {
    topics,
    connections,
    unauthorized = {},
    messagesLastMinute,
    name,
    hostname,
    version,
    startedAtMs,
    isDraining,
    health,
  } = stored;
  return {
    info: {
      id,
      lastSeenAtMs,
      name,
      hostname,
      version,
      startedAtMs,
      isDraining,
      health,
      connections: new Map(Object.entries(connections)),
      unauthorized: new Map(Object.entries(unauthorized)),
      messagesLastMinute: new Map(Object.entries(messagesLastMinute)),
    },
    topics: new Set(topics),
  };
}
