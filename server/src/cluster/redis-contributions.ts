/**
 * The set in the engine that lists this node's contributions. Other nodes use it to sweep them after this node died. A
 * channel is listed before the node enters it.
 */
import type { FollowedChannel } from "./followed-channel.ts";
import { ignoreUnreachable } from "./ignore-unreachable.ts";
import type { RedisLink } from "./redis-link.ts";

export class RedisContributions {
  readonly #link: RedisLink;
  readonly #index: string;
  /** The channels of this turn of the event loop, which are sent together. */
  #fresh: { readonly channels: FollowedChannel[]; readonly sent: Promise<void> } | null = null;

  constructor(link: RedisLink) {
    this.#link = link;
    this.#index = link.keys.contributions(link.nodeId);
  }

  /** Resolves when the name is sent, so commands that the caller sends afterwards follow it. */
  async list(channel: FollowedChannel): Promise<void> {
    if (channel.isListed || !this.#link.isConnected) return;
    channel.isListed = true;
    this.#fresh ??= { channels: [], sent: Promise.resolve().then(() => this.#send()) };
    this.#fresh.channels.push(channel);
    await this.#fresh.sent;
  }

  async unlist(channel: FollowedChannel): Promise<void> {
    channel.isListed = false;
    await this.#link.send(this.#index, ["SREM", this.#index, nameOf(channel)]);
  }

  #send(): void {
    const names = (this.#fresh?.channels ?? []).map(nameOf);
    this.#fresh = null;
    this.#link.send(this.#index, ["SADD", this.#index, ...names]).catch(ignoreUnreachable);
  }
}

function nameOf({ appId, name }: FollowedChannel): string {
  return `c ${appId} ${name}`;
}
