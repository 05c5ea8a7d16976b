/**
 * Recovery for `pusher-js`: after a reconnect each channel gets the events that it missed, in order, or the app is notified
 * that it must reload its state. It requires a Soketify server and a channel rule with history. With other servers it only
 * adds a random delay to reconnects.
 *
 * How it works: Soketify numbers the events of a channel with history. The plugin remembers the newest number of each
 * channel and sends it with the next subscription of the same channel object. The server replays the later events.
 */
import type Pusher from "pusher-js";

/** Why nothing was replayed. */
export type MissedReason = "expired" | "unknown_epoch" | "too_many" | "no_history" | "unavailable";

export interface RecoverOptions {
  /** Called when events of a channel may be lost for this client: load the current state from your backend. */
  readonly onMissed?: (channelName: string, reason: MissedReason) => void;
  /** The longest pause before a reconnect, in milliseconds. The pause is random, between 0 and a bound that doubles. */
  readonly reconnectDelayMsMax?: number;
}

/** A channel's position: the client received every event up to `offset` of the history with this `epoch`. */
interface Position {
  readonly epoch: string;
  offset: number;
  /** The connection that received the last event. Events that excluded this connection are not replayed. */
  readonly socketId: string;
}

/** The fields that a server with history adds to the data of `subscription_succeeded`. */
interface Subscribed {
  readonly epoch?: string;
  readonly offset?: number;
  readonly recovered?: boolean;
  readonly replayed?: number;
  readonly reason?: MissedReason;
}

interface Frame {
  readonly event: string;
  readonly channel?: string;
  readonly data: string;
  /** The event's number in the channel's history. Stock clients ignore it and do not pass it on. */
  readonly offset?: number;
}

/** The parts of `pusher-js` 7.6 and 8 that are not in its types. */
interface Internals {
  send_event(name: string, data: Record<string, unknown>, channel?: string): boolean;
  readonly connection: {
    retryIn(delayMs: number): void;
    readonly connection: {
      readonly transport: { bind(event: "message", listener: (message: { data: string }) => void): void };
    } | null;
  };
}

const firstReconnectDelayMs = 1_000;
const installed = new WeakSet<Pusher>();

/**
 * Adds recovery to a client. Call it right after `new Pusher(…)`, before the first subscription. A second call for the
 * same client does nothing.
 *
 * A channel then emits, right after `pusher:subscription_succeeded` of a reconnect:
 * - `soketify:recovered` with `{ replayed }`: the missed events follow as ordinary events, then live ones;
 * - `soketify:missed` with `{ reason }`: nothing is replayed, and the app should load its state again.
 */
export function recover(pusher: Pusher, options: RecoverOptions = {}): void {
  if (installed.has(pusher)) return;
  installed.add(pusher);
  // Keyed by channel object: a channel that the app left and subscribed to again is a new object without a position.
  const positions = new WeakMap<object, Position>();
  const internals = pusher as unknown as Internals;
  const { connection } = internals;

  const sendEvent = internals.send_event;
  internals.send_event = (name, data, channel) => {
    const position = name === "pusher:subscribe" && positions.get(pusher.channel(String(data.channel)));
    if (!position) return sendEvent.call(pusher, name, data, channel);
    const { epoch, offset, socketId } = position;
    return sendEvent.call(
      pusher,
      name,
      { ...data, recover: { epoch, offset, socket_id: socketId } },
      channel,
    );
  };

  function read(message: { data: string }): void {
    const frame = parse<Frame>(message.data);
    const channel = frame?.channel && pusher.channel(frame.channel);
    if (!channel) return;
    const position = positions.get(channel);
    if (frame.event === "pusher_internal:subscription_succeeded") {
      const { epoch, offset, recovered, replayed, reason } = parse<Subscribed>(frame.data) ?? {};
      if (epoch === undefined || offset === undefined) positions.delete(channel);
      // A recovery starts from the old offset; each replayed event increases it.
      else
        positions.set(channel, {
          epoch,
          offset: recovered && position ? position.offset : offset,
          socketId: pusher.connection.socket_id,
        });
      if (!position) return;
      if (recovered) channel.emit("soketify:recovered", { replayed });
      else {
        const why = reason ?? "no_history";
        channel.emit("soketify:missed", { reason: why });
        options.onMissed?.(channel.name, why);
      }
    } else if (position && frame.offset !== undefined) position.offset = frame.offset;
  }

  let attempts = 0;

  function watch(): void {
    attempts = 0;
    // Called after the client's own listener, so that the app has handled an event before it counts as received.
    connection.connection?.transport.bind("message", read);
  }

  const retryIn = connection.retryIn;
  connection.retryIn = () => {
    const boundMs = Math.min(options.reconnectDelayMsMax ?? 30_000, firstReconnectDelayMs * 2 ** attempts);
    attempts += 1;
    retryIn.call(connection, Math.random() * boundMs);
  };
  pusher.connection.bind("connected", watch);
  if (pusher.connection.state === "connected") watch();
}

function parse<Shape>(text: string): Shape | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the client itself reports a frame that it cannot parse
  }
}
