/** A listener of lines that records all entries. */
import type { Position } from "../../../src/core/ports/history.ts";
import type { LineEvent, LineListener } from "../../../src/core/ports/line.ts";
import type { MemberInfo } from "../../../src/protocol/server-message.ts";

export interface ReceivedEntry {
  readonly what: "event" | "added" | "removed" | "count" | "online";
  readonly appId: string;
  /** The channel, or the user's id. */
  readonly channel: string;
  readonly value: unknown;
}

export class RecordedLine implements LineListener {
  readonly received: ReceivedEntry[] = [];
  readonly positions: (Position | null)[] = [];
  /** The number of recipients that it returns for each event. */
  recipients = 0;

  event(appId: string, channel: string, event: LineEvent, position: Position | null): number {
    const { frame, exceptSocketId, userId } = event;
    this.received.push({ what: "event", appId, channel, value: { frame, exceptSocketId, userId } });
    this.positions.push(position);
    return this.recipients;
  }

  memberAdded(appId: string, channel: string, member: MemberInfo): void {
    this.received.push({ what: "added", appId, channel, value: member });
  }

  memberRemoved(appId: string, channel: string, userId: string): void {
    this.received.push({ what: "removed", appId, channel, value: userId });
  }

  subscriptionCount(appId: string, channel: string, subscriptionCount: number): void {
    this.received.push({ what: "count", appId, channel, value: subscriptionCount });
  }

  userOnline(appId: string, userId: string, isOnline: boolean): void {
    this.received.push({ what: "online", appId, channel: userId, value: isOnline });
  }

  /** The frames of a channel's events, in order. */
  frames(channel: string): string[] {
    return this.received.flatMap((entry) =>
      entry.what === "event" && entry.channel === channel ? [(entry.value as LineEvent).frame] : [],
    );
  }
}
