/** The latest starts of all nodes. */

export interface NodeStart {
  /** New with each start. */
  readonly nodeId: string;
  /** The node's name. */
  readonly name: string;
  /** Such as `1.2.3`. */
  readonly version: string;
  /** Null: it runs from source. */
  readonly commit: string | null;
  /** Unix time in milliseconds. */
  readonly atMs: number;
}

/** A start with another version or commit than the start before it, of any node, is a deploy. */
export interface RecordedStart extends NodeStart {
  readonly isDeploy: boolean;
}

export const nodeStartsMax = 1_000;

export interface NodeStarts {
  /** Stores a start, and removes the oldest ones beyond `nodeStartsMax`. Does nothing if it is already stored. */
  add(start: NodeStart): Promise<void>;
  /** The starts in a time range, oldest first. */
  list(fromMs: number, toMs: number): Promise<readonly RecordedStart[]>;
}
