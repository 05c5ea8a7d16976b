/** A node's counters of its communication with other nodes, since its start. */
export interface ClusterFigures {
  /** From a command to its answer, as last measured; null: the engine is unreachable. */
  readonly roundTripMs: number | null;
  /** Messages, questions and answers between nodes. */
  readonly busIn: number;
  readonly busOut: number;
  /** Entries of the channels' lines. */
  readonly linesIn: number;
  readonly linesOut: number;
  /** Messages and entries of an unknown version or kind. */
  readonly ignored: number;
  /** How often the lines broke, so that events of channels without history may have been missed. */
  readonly gaps: number;
}
