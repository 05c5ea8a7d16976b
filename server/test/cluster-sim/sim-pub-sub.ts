/** The subscribers of each line, and the links to them. */
import type { LineEnd, LineMessage } from "./engine-messages.ts";

export class SimPubSub {
  readonly #ends = new Map<string, Set<LineEnd>>();

  subscribe(end: LineEnd, lines: readonly string[]): void {
    for (const line of lines) {
      const ends = this.#ends.get(line) ?? new Set();
      this.#ends.set(line, ends.add(end));
    }
    end.link.toNode(() => end.subscribed(lines));
  }

  unsubscribe(end: LineEnd, line: string): void {
    this.#ends.get(line)?.delete(end);
  }

  disconnected(end: LineEnd): void {
    for (const ends of this.#ends.values()) ends.delete(end);
  }

  send(line: string, message: LineMessage): void {
    for (const end of this.#ends.get(line) ?? []) answer(end, line, message);
  }
}

/** Sends an answer to one node, in order with the messages of the line. */
export function answer(end: LineEnd, line: string, message: LineMessage): void {
  end.link.toNode(() => end.receive(line, message));
}
