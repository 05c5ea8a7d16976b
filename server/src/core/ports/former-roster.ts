import type { MemberInfo } from "../../protocol/server-message.ts";

/**
 * Who is in a channel, and who is signed in, across nodes. Each call is atomic and answers what it
 * changed itself: nobody counts first and acts after.
 */
export interface Roster {
  /** With a member (presence channels) refuses a new user once `membersMax` users are there. */
  join(
    appId: string,
    channel: string,
    socketId: string,
    member: MemberInfo | null,
    membersMax: number,
  ): Promise<Joined>;
  leave(appId: string, channel: string, socketId: string): Promise<Left>;
  /** Occupied channels whose name starts with the prefix, by name. */
  channels(appId: string, prefix: string): Promise<ReadonlyMap<string, ChannelCounts>>;
  counts(appId: string, channel: string): Promise<ChannelCounts>;
  members(appId: string, channel: string): Promise<readonly MemberInfo[]>;
  /** True where this is the user's first signed-in connection. */
  userConnected(appId: string, userId: string, socketId: string): Promise<boolean>;
  /** True where this was the user's last signed-in connection. */
  userDisconnected(appId: string, userId: string, socketId: string): Promise<boolean>;
  /** Those of the given users who are signed in now. */
  onlineUsers(appId: string, userIds: readonly string[]): Promise<ReadonlySet<string>>;
}

export type Joined =
  | {
      readonly outcome: "joined";
      readonly isFirstInChannel: boolean;
      /** Presence only; false elsewhere. */
      readonly isFirstOfUser: boolean;
      readonly subscriptionCount: number;
      /** Presence only: everybody, the joiner included. */
      readonly members: readonly MemberInfo[];
    }
  | { readonly outcome: "full" };

export interface Left {
  readonly wasLastInChannel: boolean;
  /** The user who left with this connection, the last one of theirs; null elsewhere. */
  readonly departedUserId: string | null;
  readonly subscriptionCount: number;
}

export interface ChannelCounts {
  /** Connections subscribed. */
  readonly subscriptionCount: number;
  /** Distinct users; 0 where the channel is not a presence channel. */
  readonly userCount: number;
}
