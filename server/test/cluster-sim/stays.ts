/** The times that a client was in a channel, cut out of its notes. */
import type { Run } from "./scenario.ts";
import type { Note, SimClient } from "./sim-client.ts";

export interface Stay {
  /** From the success on; without one where something was told to who was not in. */
  readonly notes: readonly Note[];
  readonly enteredAtMs: number | null;
  /** When it left by itself; null if it stayed to the end, its own or that of the run. */
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

/** Who is connected and in the channel when the run ends. */
export function live(run: Run, channel: string): SimClient[] {
  return run.clients.filter(({ isOpen, connection }) => isOpen && connection.subscriptions.has(channel));
}
