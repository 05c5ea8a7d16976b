/** What a node counts of its dealings with the other nodes, since its start. */
export interface ClusterFigures {
  /** From a command to its answer, as last measured; null: the engine is away. */
  readonly roundTripMs: number | null;
  /** Messages, questions and answers between nodes. */
  readonly busIn: number;
  readonly busOut: number;
  /** Entries of the channels' lines. */
  readonly linesIn: number;
  readonly linesOut: number;
  /** Messages and entries of a version or a kind that this node does not know. */
  readonly ignored: number;
  /** How often the lines broke, so that events of channels without history may have been missed. */
  readonly gaps: number;
}
