/** The roster of a node that is alone: plain maps. */
import type { ChannelCounts, Joined, Left, Roster } from "../core/ports/former-roster.ts";
import { SmallMap } from "../core/small-map.ts";
import type { MemberInfo } from "../protocol/server-message.ts";

interface Member {
  readonly info: MemberInfo;
  connections: number;
}

interface Channel {
  /** Each subscribed socket, with the user it stands for on presence channels. */
  readonly sockets: SmallMap<string | null>;
  /** Null until a first member comes: only presence channels have members. */
  members: Map<string, Member> | null;
}

interface LocalApp {
  readonly channels: Map<string, Channel>;
  readonly users: Map<string, Set<string>>;
}

const nobody: ChannelCounts = { subscriptionCount: 0, userCount: 0 };

export class MemoryRoster implements Roster {
  readonly #apps = new Map<string, LocalApp>();

  async join(
    appId: string,
    name: string,
    socketId: string,
    member: MemberInfo | null,
    membersMax: number,
  ): Promise<Joined> {
    const { channels } = this.#app(appId);
    const known = channels.get(name);
    if (member !== null && known !== undefined && isFull(known, member.userId, membersMax)) {
      return { outcome: "full" };
    }
    const channel: Channel = known ?? { sockets: new SmallMap(), members: null };
    if (known === undefined) channels.set(name, channel);
    channel.sockets.set(socketId, member?.userId ?? null);
    return {
      outcome: "joined",
      isFirstInChannel: known === undefined,
      isFirstOfUser: member !== null && addMember(channel, member),
      subscriptionCount: channel.sockets.size,
      members: infos(channel),
    };
  }

  async leave(appId: string, name: string, socketId: string): Promise<Left> {
    const app = this.#apps.get(appId);
    const channel = app?.channels.get(name);
    const userId = channel?.sockets.get(socketId);
    if (app === undefined || channel === undefined || userId === undefined) {
      return { wasLastInChannel: false, departedUserId: null, subscriptionCount: channel?.sockets.size ?? 0 };
    }
    channel.sockets.delete(socketId);
    const wasLastInChannel = channel.sockets.size === 0;
    if (wasLastInChannel) app.channels.delete(name);
    const departedUserId = userId !== null && removeMember(channel, userId) ? userId : null;
    this.#forgetIfEmpty(appId, app);
    return { wasLastInChannel, departedUserId, subscriptionCount: channel.sockets.size };
  }

  async channels(appId: string, prefix: string): Promise<ReadonlyMap<string, ChannelCounts>> {
    const found = new Map<string, ChannelCounts>();
    for (const [name, channel] of this.#apps.get(appId)?.channels ?? []) {
      if (name.startsWith(prefix)) found.set(name, count(channel));
    }
    return found;
  }

  async counts(appId: string, name: string): Promise<ChannelCounts> {
    const channel = this.#apps.get(appId)?.channels.get(name);
    return channel === undefined ? nobody : count(channel);
  }

  async members(appId: string, name: string): Promise<readonly MemberInfo[]> {
    const channel = this.#apps.get(appId)?.channels.get(name);
    return channel === undefined ? [] : infos(channel);
  }

  async userConnected(appId: string, userId: string, socketId: string): Promise<boolean> {
    const { users } = this.#app(appId);
    const sockets = users.get(userId);
    if (sockets !== undefined) {
      sockets.add(socketId);
      return false;
    }
    users.set(userId, new Set([socketId]));
    return true;
  }

  async userDisconnected(appId: string, userId: string, socketId: string): Promise<boolean> {
    const app = this.#apps.get(appId);
    const sockets = app?.users.get(userId);
    if (app === undefined || sockets === undefined) return false;
    if (!sockets.delete(socketId) || sockets.size > 0) return false;
    app.users.delete(userId);
    this.#forgetIfEmpty(appId, app);
    return true;
  }

  async onlineUsers(appId: string, userIds: readonly string[]): Promise<ReadonlySet<string>> {
    const users = this.#apps.get(appId)?.users;
    return new Set(userIds.filter((userId) => users?.has(userId)));
  }

  #app(appId: string): LocalApp {
    let app = this.#apps.get(appId);
    if (app === undefined) {
      app = { channels: new Map(), users: new Map() };
      this.#apps.set(appId, app);
    }
    return app;
  }

  #forgetIfEmpty(appId: string, app: LocalApp): void {
    if (app.channels.size === 0 && app.users.size === 0) this.#apps.delete(appId);
  }
}

function isFull({ members }: Channel, userId: string, membersMax: number): boolean {
  return members !== null && !members.has(userId) && members.size >= membersMax;
}

/** True where it is the user's first connection in the channel. The first connection's info stays the user's. */
function addMember(channel: Channel, info: MemberInfo): boolean {
  channel.members ??= new Map();
  const member = channel.members.get(info.userId);
  if (member !== undefined) {
    member.connections += 1;
    return false;
  }
  channel.members.set(info.userId, { info, connections: 1 });
  return true;
}

/** True where it was the user's last connection in the channel. */
function removeMember({ members }: Channel, userId: string): boolean {
  const member = members?.get(userId);
  if (member === undefined) return false;
  member.connections -= 1;
  if (member.connections > 0) return false;
  members?.delete(userId);
  return true;
}

function infos({ members }: Channel): readonly MemberInfo[] {
  return members === null ? [] : Array.from(members.values(), ({ info }) => info);
}

function count({ sockets, members }: Channel): ChannelCounts {
  return { subscriptionCount: sockets.size, userCount: members?.size ?? 0 };
}
