/** The activities of this node. Webhooks, metrics and the live feed listen to them. */
import type { Connection, Membership } from "./connection.ts";
import type { RosterChange } from "./ports/roster.ts";
import type { Sender } from "./sender.ts";

/** Who received a published event. */
export interface Reached {
  /** The connections that it was sent to, on all its channels; null: unknown, because other nodes sent it, too. */
  readonly recipients: number | null;
  /** True if the engine was unreachable for one of its channels: only the subscribers of this node received it. */
  readonly isLocal: boolean;
}

export type Activity =
  | { readonly type: "connection_opened"; readonly appId: string; readonly connection: Connection }
  | {
      readonly type: "connection_closed";
      readonly appId: string;
      readonly connection: Connection;
      /** When it closed. It has left its channels since. */
      readonly memberships: Membership[];
      readonly code: number;
      readonly reason: string;
    }
  | {
      readonly type: "handshake_refused";
      /** Null if no app has the key. */
      readonly appId: string | null;
      /** The key in the path; null if the path has none. */
      readonly appKey: string | null;
      readonly code: number;
      readonly reason: string;
      readonly sender: Sender;
    }
  | {
      readonly type: "subscribed";
      readonly appId: string;
      readonly connection: Connection;
      readonly channel: string;
      /** The members of a presence channel, this one included; absent for other channels. */
      readonly memberCount?: number;
    }
  | {
      readonly type: "unsubscribed";
      readonly appId: string;
      readonly connection: Connection;
      readonly channel: string;
    }
  | {
      /** A client reconnected and received all events that it had missed. */
      readonly type: "recovered";
      readonly appId: string;
      readonly connection: Connection;
      readonly channel: string;
      readonly replayed: number;
    }
  | {
      /** A client reconnected, but its missed events cannot all be sent: it must reload its state. */
      readonly type: "recovery_refused";
      readonly appId: string;
      readonly connection: Connection;
      readonly channel: string;
      readonly reason: string;
    }
  | {
      readonly type: "signed_in";
      readonly appId: string;
      readonly connection: Connection;
      readonly userId: string;
      /** The bytes of user_data. */
      readonly dataBytes: number;
    }
  /** Changes of channels, members, counts and users: reported once in the whole cluster. */
  | RosterChange
  | { readonly type: "cache_miss"; readonly appId: string; readonly channel: string }
  | {
      readonly type: "client_event";
      readonly appId: string;
      readonly channel: string;
      readonly event: string;
      readonly data: string;
      readonly socketId: string;
      readonly userId: string | null;
      /** The sending connection's address and SDK. */
      readonly sender: Sender;
      readonly reached: Reached;
    }
  | {
      /** An event that a backend published. */
      readonly type: "event_published";
      readonly appId: string;
      readonly channels: readonly string[];
      readonly event: string;
      readonly data: string;
      readonly exceptSocketId: string | null;
      /** It may be computed at each read, and only while the listeners run: read it there. */
      readonly sender: Sender;
      readonly reached: Reached;
    }
  /** Several events in one request; each of them is an `event_published`, too. */
  | { readonly type: "batch_published"; readonly appId: string; readonly events: number }
  /** The number of frames passed to sockets of this node, and the bytes of each. */
  | {
      readonly type: "delivered";
      readonly appId: string;
      readonly channel: string;
      readonly deliveries: number;
      readonly frameBytes: number;
    }
  | {
      readonly type: "message_received";
      readonly appId: string;
      readonly connection: Connection;
      readonly bytes: number;
    }
  | {
      /** A message was refused; its connection stays open. */
      readonly type: "message_refused";
      readonly appId: string;
      readonly connection: Connection;
      readonly channel: string | null;
      readonly code: number | null;
      readonly message: string;
    }
  | {
      /** One request to a webhook's receiver, with one event or a batch of events. */
      readonly type: "webhook_attempted";
      readonly appId: string;
      readonly webhookId: string;
      readonly events: number;
      /** Attempts of these events, including this one, since they were written or last replayed. */
      readonly attempts: number;
      /** The HTTP status; null if there was no answer. */
      readonly status: number | null;
      /** `pending`: will be retried; `dead`: given up. */
      readonly state: "delivered" | "pending" | "dead";
      readonly durationMs: number;
    }
  | {
      /** The connection to the engine was lost and is back. Events of channels without history may have been missed. */
      readonly type: "events_missed";
      readonly appId: string;
      readonly channelCount: number;
      readonly missedForMs: number;
    }
  | {
      readonly type: "api_request";
      readonly appId: string | null;
      readonly method: string;
      /** The route's pattern, such as `/apps/:appId/events`, without actual names. */
      readonly route: string;
      readonly status: number;
      readonly durationMs: number;
      /** Why it failed, and who sent it; null if it succeeded. */
      readonly failure: { readonly reason: string; readonly sender: Sender } | null;
    }
  | {
      /**
       * Requests to the app that were refused, such as for a wrong signature. Emitted at most once a second for each
       * cause.
       */
      readonly type: "api_request_refused";
      readonly appId: string;
      readonly method: string;
      readonly route: string;
      readonly status: number;
      /** The reason of the latest request. It contains neither a signature nor a secret. */
      readonly reason: string;
      /** Of the latest request. */
      readonly sender: Sender;
      /** The number of requests of this cause since the previous emission. */
      readonly requests: number;
    };

export type ActivityType = Activity["type"];
export type ActivityOf<Type extends ActivityType> = Extract<Activity, { readonly type: Type }>;

export class ActivityFeed {
  readonly #listeners = new Map<ActivityType, ((activity: never) => void)[]>();

  /**
   * Adds a listener; returns a function that removes it. Listeners run synchronously, in the order of registration.
   * They must be fast and must not throw.
   */
  on<Type extends ActivityType>(type: Type, listener: (activity: ActivityOf<Type>) => void): () => void {
    const others = this.#listeners.get(type) ?? [];
    this.#listeners.set(type, [...others, listener]);
    return () => {
      const left = (this.#listeners.get(type) ?? []).filter((one) => one !== listener);
      this.#listeners.set(type, left);
    };
  }

  emit<Type extends ActivityType>(activity: ActivityOf<Type>): void {
    const listeners = this.#listeners.get(activity.type) as
      | ((activity: ActivityOf<Type>) => void)[]
      | undefined;
    if (listeners === undefined) return;
    for (const listener of listeners) listener(activity);
  }
}
