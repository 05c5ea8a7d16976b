import { EngineUnreachable } from "../core/ports/broker.ts";

/** Ignores EngineUnreachable: the node writes its state again when the engine is back. @throws any other error */
export function ignoreUnreachable(error: unknown): void {
  if (!(error instanceof EngineUnreachable)) throw error;
}
