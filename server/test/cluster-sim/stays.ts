/** The periods in which a client was subscribed to a channel, from its recorded notes. */
import type { Run } from "./scenario.ts";
import type { Note, SimClient } from "./sim-client.ts";

export interface Stay {
  /** The notes from the success on; without a success if the client received something without a subscription. */
  readonly notes: readonly Note[];
  readonly enteredAtMs: number | null;
  /** When it left by itself; null if it stayed to its own end or that of the run. */
  readonly leftAtMs: number | null;
}

export function staysIn(client: SimClient, channel: string): readonly Stay[] {
  const found: { notes: Note[]; enteredAtMs: number | null; leftAtMs: number | null }[] = [];
  let isIn = false;
  for (const record of client.notes) {
    if (!("channel" in record) || record.channel !== channel) continue;
    if (record.type === "left") {
      const stay = found.at(-1);
      if (isIn && stay !== undefined) stay.leftAtMs = record.atMs;
      isIn = false;
      continue;
    }
    if (record.type === "entered" || !isIn)
      found.push({ notes: [], enteredAtMs: record.type === "entered" ? record.atMs : null, leftAtMs: null });
    isIn = true;
    found.at(-1)?.notes.push(record);
  }
  return found;
}

/** The clients that are connected and subscribed at the end of the run. */
export function live(run: Run, channel: string): SimClient[] {
  return run.clients.filter(({ isOpen, connection }) => isOpen && connection.subscriptions.has(channel));
}
