/**
 * Builds the frames that the server sends. `data` is always present, and is a string of JSON except in
 * `pusher:error`: Swift and Java clients depend on both.
 */

export interface MemberInfo {
  readonly userId: string;
  /** The member's `user_info` as JSON text; null if there is none. */
  readonly infoJson: string | null;
}

export const pongFrame = frame("pusher:pong", null, "{}");

export function connectionEstablishedFrame(socketId: string, activityTimeoutS: number): string {
  return frame(
    "pusher:connection_established",
    null,
    JSON.stringify({ socket_id: socketId, activity_timeout: activityTimeoutS }),
  );
}

export function errorFrame(code: number | null, message: string): string {
  return JSON.stringify({ event: "pusher:error", data: { code, message } });
}

/**
 * Three frames: the event that pusher-js passes to `channel.bind`, the same under the name that .NET and Flutter use,
 * and a `pusher:error` with a null code.
 */
export function subscriptionErrorFrames(
  channel: string,
  error: { readonly type: string; readonly message: string; readonly status: number },
): readonly string[] {
  const data = JSON.stringify({ type: error.type, error: error.message, status: error.status });
  return [
    frame("pusher:subscription_error", channel, data),
    frame("pusher_internal:subscription_error", channel, data),
    errorFrame(null, error.message),
  ];
}

/** The client's position in a channel's history, sent in the data of `subscription_succeeded`. */
export interface HistoryNotice {
  /** Absent if the history is unavailable, or the channel keeps none. */
  readonly epoch?: string;
  readonly offset?: number;
  /** Whether the recovery succeeded. Absent if the client did not ask to recover. */
  readonly recovered?: boolean;
  /** Why the recovery failed. Absent if it succeeded. */
  readonly reason?: "expired" | "unknown_epoch" | "too_many" | "no_history" | "unavailable";
  /** The number of missed events that follow. */
  readonly replayed?: number;
}

export function subscriptionSucceededFrame(channel: string, notice: HistoryNotice | null = null): string {
  return frame(
    "pusher_internal:subscription_succeeded",
    channel,
    notice === null ? "{}" : JSON.stringify(notice),
  );
}

/** The frame of a stored event with its offset added. Stock Pusher clients ignore the offset. */
export function withOffset(eventFrame: string, offset: number): string {
  return `${eventFrame.slice(0, -1)},"offset":${offset}}`;
}

/**
 * Every id is a key of `hash`, even without info. Built as text because a JavaScript object would lose an id such as
 * `__proto__`.
 */
export function presenceSucceededFrame(
  channel: string,
  members: readonly MemberInfo[],
  notice: HistoryNotice | null = null,
): string {
  const ids = members.map((member) => JSON.stringify(member.userId));
  const hash = members.map((member, index) => `${ids[index]}:${member.infoJson ?? "null"}`);
  const presence = `"presence":{"count":${members.length},"ids":[${ids}],"hash":{${hash}}}`;
  const more = notice === null ? "" : `,${JSON.stringify(notice).slice(1, -1)}`;
  return frame("pusher_internal:subscription_succeeded", channel, `{${presence}${more}}`);
}

export function memberAddedFrame(channel: string, member: MemberInfo): string {
  const info = member.infoJson === null ? "" : `,"user_info":${member.infoJson}`;
  return frame(
    "pusher_internal:member_added",
    channel,
    `{"user_id":${JSON.stringify(member.userId)}${info}}`,
  );
}

export function memberRemovedFrame(channel: string, userId: string): string {
  return frame("pusher_internal:member_removed", channel, JSON.stringify({ user_id: userId }));
}

export function subscriptionCountFrame(channel: string, subscriptionCount: number): string {
  const data = JSON.stringify({ subscription_count: subscriptionCount });
  return frame("pusher_internal:subscription_count", channel, data);
}

export function cacheMissFrame(channel: string): string {
  return frame("pusher:cache_miss", channel, "{}");
}

export function signInSucceededFrame(userData: string): string {
  return frame("pusher:signin_success", null, JSON.stringify({ user_data: userData }));
}

export function watchlistFrame(
  events: readonly { readonly name: "online" | "offline"; readonly userIds: readonly string[] }[],
): string {
  const data = JSON.stringify({ events: events.map(({ name, userIds }) => ({ name, user_ids: userIds })) });
  return frame("pusher_internal:watchlist_events", null, data);
}

/** Encodes an event once; the returned function adds only the channel's name. */
export function eventEncoder(name: string, data: string, userId: string | null): (channel: string) => string {
  const head = `{"event":${JSON.stringify(name)},"channel":`;
  const user = userId === null ? "" : `,"user_id":${JSON.stringify(userId)}`;
  const tail = `,"data":${JSON.stringify(data)}${user}}`;
  return (channel) => head + JSON.stringify(channel) + tail;
}

/** Parses the name and data that were given to `eventEncoder` out of an event's frame. */
export function parseEventFrame(text: string): { readonly name: string; readonly data: string } {
  const { event, data } = JSON.parse(text);
  return { name: event, data };
}

function frame(event: string, channel: string | null, data: string): string {
  const where = channel === null ? "" : `,"channel":${JSON.stringify(channel)}`;
  return `{"event":"${event}"${where},"data":${JSON.stringify(data)}}`;
}
