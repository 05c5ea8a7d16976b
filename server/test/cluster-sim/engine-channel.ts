/** The state of a channel in the simulated engine: the contributions of each session. */
import type { Position } from "../../src/core/ports/history.ts";
import type { MemberInfo } from "../../src/protocol/server-message.ts";

export interface EngineChannel {
  readonly appId: string;
  readonly channel: string;
  readonly counts: Map<string, number>;
  readonly users: Map<string, { readonly info: MemberInfo; readonly sessions: Set<string> }>;
  missedAt: Position | null;
  countPublishedAtMs: number;
  publishedCount: number;
}

export function total({ counts }: EngineChannel): number {
  let sum = 0;
  for (const count of counts.values()) sum += count;
  return sum;
}
