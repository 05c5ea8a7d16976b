/** Joins the stored messages that a node reads when its link is back with those that arrive on its line. */
import type { Stored } from "./redis-envelope.ts";

export class MissedMessages {
  /** The id of the latest message. The first connection may be late, so it reads all messages. */
  latestId = "0-0";
  readonly #passOn: (stored: Stored) => void;
  /** Messages that arrived since the link was down and wait for the missed ones; null: nothing was missed. */
  #early: Stored[] | null = [];
  /** The ids of messages that were read, and may still arrive on the line. */
  readonly #read = new Set<string>();

  /** @param passOn called once for each message, in the order of the stream */
  constructor(passOn: (stored: Stored) => void) {
    this.#passOn = passOn;
  }

  linkDown(): void {
    this.#early ??= [];
  }

  /** @param missed the messages that Redis has stored since `latestId` */
  read(missed: readonly Stored[]): void {
    const all = new Map([...missed, ...(this.#early ?? [])].map((stored) => [stored[0], stored]));
    this.#early = null;
    this.#read.clear();
    for (const stored of all.values()) this.arrived(stored);
    for (const [id] of missed) this.#read.add(id);
  }

  /** A message arrived on the line. */
  arrived(stored: Stored): void {
    if (this.#early !== null) {
      this.#early.push(stored);
      return;
    }
    if (this.#read.has(stored[0])) return;
    // The line is in order: no message that was read can follow.
    this.#read.clear();
    this.latestId = stored[0];
    this.#passOn(stored);
  }
}
