/** The starts of nodes in memory, for tests. */
import type { NodeStarts, RecordedStart } from "../../../src/core/ports/node-starts.ts";

export class MemoryNodeStarts implements Pick<NodeStarts, "list"> {
  readonly starts: RecordedStart[] = [];

  async list(fromMs: number, toMs: number): Promise<RecordedStart[]> {
    return this.starts.filter(({ atMs }) => atMs >= fromMs && atMs <= toMs);
  }
}
