/** Removes a departed node's contributions from Redis, except members whose grace has not passed. */
import type { GraceOf } from "../core/ports/roster.ts";
import type { RedisLink } from "./redis-link.ts";

/** The maximum concurrent commands of one sweep. */
const commandsAtOnce = 1_000;

interface Entry {
  /** As in the set of the node's contributions. */
  readonly text: string;
  readonly kind: "channel" | "user";
  readonly appId: string;
  /** The channel's name, or the user's id. */
  readonly name: string;
}

export interface SweepOne {
  channel(nodeId: string, appId: string, name: string): Promise<void>;
  user(nodeId: string, appId: string, userId: string): Promise<void>;
}

export class RedisSweep {
  readonly #link: RedisLink;
  readonly #graceOf: GraceOf;
  readonly #sweepOne: SweepOne;

  constructor(link: RedisLink, graceOf: GraceOf, sweepOne: SweepOne) {
    this.#link = link;
    this.#graceOf = graceOf;
    this.#sweepOne = sweepOne;
  }

  /** See `Roster.sweep`. */
  async run(nodeId: string, goneMs: number): Promise<number | null> {
    const index = this.#link.keys.contributions(nodeId);
    const entries = ((await this.#link.send(index, ["SMEMBERS", index])) as string[]).map(decode);
    const graceLeft = ({ kind, appId, name }: Entry) =>
      kind === "channel" ? this.#graceOf(appId, name) - goneMs : 0;
    const kept = entries.filter((entry) => graceLeft(entry) > 0);
    const members = kept.length > 0 ? await this.#membersOf(nodeId, kept) : new Set<string>();
    const due = entries.filter((entry) => graceLeft(entry) <= 0 && !members.has(entry.text));
    await inGroups(due, async ({ text, kind, appId, name }) => {
      await this.#sweepOne[kind](nodeId, appId, name);
      await this.#link.send(index, ["SREM", index, text]);
    });
    return kept.length === 0 ? null : kept.reduce((least, one) => Math.min(least, graceLeft(one)), Infinity);
  }

  /** The entries of the users who are members of these channels through the node. */
  async #membersOf(nodeId: string, channels: readonly Entry[]): Promise<ReadonlySet<string>> {
    const found = new Set<string>();
    await inGroups(channels, async ({ appId, name }) => {
      const users = await this.#link.run("membersVia", this.#link.keys.channel(appId, name), [nodeId]);
      for (const userId of users as string[]) found.add(userEntry(appId, userId));
    });
    return found;
  }
}

/** A user's entry in the set of a node's contributions. */
export function userEntry(appId: string, userId: string): string {
  return `u ${appId} ${encodeURIComponent(userId)}`;
}

function decode(text: string): Entry {
  const [kind, appId = "", name = ""] = text.split(" ");
  if (kind === "u") return { text, kind: "user", appId, name: decodeURIComponent(name) };
  return { text, kind: "channel", appId, name };
}

async function inGroups<Value>(
  values: readonly Value[],
  work: (value: Value) => Promise<unknown>,
): Promise<void> {
  for (let start = 0; start < values.length; start += commandsAtOnce)
    await Promise.all(values.slice(start, start + commandsAtOnce).map(work));
}
