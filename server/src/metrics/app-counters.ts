/** Plain counters for each app, fed by the activity: the hot path adds a number and nothing more. */
import type { ActivityFeed } from "../core/activity.ts";

const counterNames = [
  "connectionsOpened",
  "connectionsClosed",
  "slowReaders",
  "messagesReceived",
  "bytesReceived",
  "messagesRefused",
  "clientEvents",
  "eventsPublished",
  "deliveries",
  "bytesDelivered",
  "apiRequests",
  "apiErrors",
] as const;

export type Counters = Record<(typeof counterNames)[number], number>;

export class AppCounters {
  readonly #apps = new Map<string, Counters>();

  constructor(activity: ActivityFeed, slowReaderReason: string) {
    activity.on("connection_opened", ({ appId }) => {
      this.#of(appId).connectionsOpened += 1;
    });
    activity.on("connection_closed", ({ appId, reason }) => {
      const counters = this.#of(appId);
      counters.connectionsClosed += 1;
      if (reason === slowReaderReason) counters.slowReaders += 1;
    });
    activity.on("message_received", ({ appId, bytes }) => {
      const counters = this.#of(appId);
      counters.messagesReceived += 1;
      counters.bytesReceived += bytes;
    });
    activity.on("message_refused", ({ appId }) => {
      this.#of(appId).messagesRefused += 1;
    });
    activity.on("client_event", ({ appId }) => {
      this.#of(appId).clientEvents += 1;
    });
    activity.on("event_published", ({ appId }) => {
      this.#of(appId).eventsPublished += 1;
    });
    activity.on("delivered", ({ appId, deliveries, frameBytes }) => {
      const counters = this.#of(appId);
      counters.deliveries += deliveries;
      counters.bytesDelivered += deliveries * frameBytes;
    });
    activity.on("api_request", ({ appId, status }) => {
      if (appId === null) return;
      const counters = this.#of(appId);
      counters.apiRequests += 1;
      if (status >= 400) counters.apiErrors += 1;
    });
    activity.on("api_request_refused", ({ appId, requests }) => {
      const counters = this.#of(appId);
      counters.apiRequests += requests;
      counters.apiErrors += requests;
    });
  }

  all(): ReadonlyMap<string, Readonly<Counters>> {
    return this.#apps;
  }

  /** What a deleted app counted stays in the totals. */
  totals(): Counters {
    const totals = none();
    for (const counters of this.#apps.values()) {
      for (const name of counterNames) totals[name] += counters[name];
    }
    return totals;
  }

  #of(appId: string): Counters {
    let counters = this.#apps.get(appId);
    if (counters === undefined) {
      counters = none();
      this.#apps.set(appId, counters);
    }
    return counters;
  }
}

function none(): Counters {
  return Object.fromEntries(counterNames.map((name) => [name, 0])) as Counters;
}
