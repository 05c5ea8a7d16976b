/**
 * Runs the scripts that change subscriptions, members and signed-in users. Each change is reported once on this node:
 * from the answer of the script, or, if the connection was lost before the answer, once the link is back. Redis
 * stores the changes of a call until a later call of the node confirms the answer.
 */
import { EngineUnreachable } from "../core/ports/broker.ts";
import type { RedisLink } from "./redis-link.ts";
import type { ChangingScript } from "./redis-scripts.ts";

/** A change as a script returns it. `value` is the changed user or count; otherwise empty. `awayMs`: of a return. */
export type Change = readonly [what: string, revision: string, value: string, awayMs?: string];

type Report = (changes: readonly Change[]) => void;

export class RedisChanges {
  readonly #link: RedisLink;
  /** By key: calls without an answer yet, in their order, each with the function that reports its changes. */
  readonly #open = new Map<string, Map<number, Report>>();
  #lastCall = 0;

  constructor(link: RedisLink) {
    this.#link = link;
    link.onUp(() => this.#reportLost());
  }

  /**
   * Runs a script. If it changed anything, calls `report` before it resolves.
   * @returns the milliseconds until a count must be sent again; 0: never
   * @throws EngineUnreachable; changes that Redis made nevertheless are reported when the link is back
   */
  async run(script: ChangingScript, key: string, args: readonly string[], report: Report): Promise<number> {
    if (!this.#link.isConnected) throw new EngineUnreachable(this.#link.problem ?? "Redis is unreachable");
    const call = this.#nextCall();
    const open = this.#open.get(key) ?? new Map<number, Report>();
    this.#open.set(key, open.set(call, report));
    const [oldest = call] = open.keys();
    try {
      const receipt = [this.#link.nodeId, String(call), String(oldest - 1)];
      const reply = await this.#link.run(script, key, [...args, ...receipt]);
      this.#end(key, call);
      if (reply === "") return 0;
      const text = reply as string;
      const space = text.indexOf(" ");
      if (space + 1 < text.length) report(JSON.parse(text.slice(space + 1)));
      return Number(text.slice(0, space));
    } catch (error) {
      if (!(error instanceof EngineUnreachable)) this.#end(key, call);
      throw error;
    }
  }

  async #reportLost(): Promise<void> {
    await Promise.all(
      Array.from(this.#open, async ([key, open]) => {
        const waiting = [...open];
        const call = String(this.#nextCall());
        const kept = new Map<number, string>();
        const reply = (await this.#link.run("unanswered", key, [this.#link.nodeId, call])) as string;
        for (const [, number, changes = ""] of reply.matchAll(/^(\d+) (.*)$/gm))
          kept.set(Number(number), changes);
        // Calls over the new link were answered before this one.
        for (const [lost, report] of waiting) {
          if (!open.has(lost)) continue;
          this.#end(key, lost);
          const changes = kept.get(lost);
          if (changes !== undefined) report(JSON.parse(changes));
        }
      }),
    );
  }

  #nextCall(): number {
    this.#lastCall += 1;
    return this.#lastCall;
  }

  #end(key: string, call: number): void {
    const open = this.#open.get(key);
    open?.delete(call);
    if (open?.size === 0) this.#open.delete(key);
  }
}
