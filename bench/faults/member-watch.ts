/** A client that keeps the member list of presence channels, as a stock client does, and records impossible changes. */
import { type Address, LightClient, type Message } from "../client/light-client.ts";
import { channelCredentials } from "../client/signature.ts";
import type { Target } from "../target/target.ts";

interface PresenceData {
  readonly presence: { readonly ids: readonly string[] };
}

export class MemberWatch {
  readonly members = new Map<string, Set<string>>();
  /** Members that were added twice, and removals of unknown members. */
  readonly anomalies: string[] = [];
  /** By `channel user`: how often the client was notified that the user left. */
  readonly removals = new Map<string, number>();
  #client: LightClient | null = null;

  static async open(target: Target, channels: readonly string[], userId: string): Promise<MemberWatch> {
    const watch = new MemberWatch();
    const address: Address = { port: target.port, key: target.app.key };
    const client = await LightClient.connect(address, { onMessage: (message) => watch.#receive(message) });
    watch.#client = client;
    await joinPresence(target, client, channels, userId);
    return watch;
  }

  close(): void {
    this.#client?.cut();
  }

  #receive({ event, channel = "", data }: Message): void {
    const members = this.members.get(channel) ?? new Set();
    this.members.set(channel, members);
    switch (event) {
      case "pusher_internal:subscription_succeeded":
        for (const id of (JSON.parse(String(data)) as PresenceData).presence.ids) members.add(id);
        break;
      case "pusher_internal:member_added": {
        const { user_id: id } = JSON.parse(String(data)) as { user_id: string };
        if (members.has(id)) this.anomalies.push(`${id} was added to ${channel} twice`);
        members.add(id);
        break;
      }
      case "pusher_internal:member_removed": {
        const { user_id: id } = JSON.parse(String(data)) as { user_id: string };
        if (!members.delete(id))
          this.anomalies.push(`${id} was removed from ${channel} but was not a member`);
        const key = `${channel} ${id}`;
        this.removals.set(key, (this.removals.get(key) ?? 0) + 1);
        break;
      }
      default:
    }
  }
}

/** Joins presence channels as one user. */
export async function joinPresence(
  { app }: Target,
  client: LightClient,
  channels: readonly string[],
  userId: string,
): Promise<void> {
  const socketId = await client.socketId;
  for (const channel of channels) {
    const channelData = JSON.stringify({ user_id: userId });
    const { auth } = channelCredentials(app, socketId, channel, channelData);
    await client.subscribe(channel, { auth, channelData });
  }
}
