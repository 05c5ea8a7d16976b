/** The starts of nodes, also of those that have stopped long ago. */
import type { NodeStarts } from "../../core/ports/node-starts.ts";
import { type Handlers, isoTime } from "../handlers.ts";

export function createNodeStartHandlers(starts: Pick<NodeStarts, "list">): Handlers<"nodeStarts"> {
  return {
    async nodeStarts({ query: { from, to } }) {
      const found = await starts.list(Date.parse(from), Date.parse(to));
      return { starts: found.map(({ atMs, ...start }) => ({ ...start, at: isoTime(atMs) })) };
    },
  };
}
