import { EngineAway } from "../core/ports/broker.ts";

/** Ignores EngineAway: the node writes its state again when the engine is back. @throws any other error */
export function ignoreAway(error: unknown): void {
  if (!(error instanceof EngineAway)) throw error;
}
