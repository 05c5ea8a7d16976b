/** Counts the activity of each app since the server started. Metrics and statistics both read these counters. */
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
  "handshakesRefused",
] as const;

export type Counters = Record<(typeof counterNames)[number], number>;
export type CountersOfApps = ReadonlyMap<string, Readonly<Counters>>;

export class AppCounters {
  readonly #apps = new Map<string, Counters>();
  #peaks = new Map<string, number>();

  constructor(activity: ActivityFeed, slowReaderReason: string) {
    activity.on("connection_opened", ({ appId }) => {
      const counters = this.#of(appId);
      counters.connectionsOpened += 1;
      const open = connectionsOf(counters);
      if (open > (this.#peaks.get(appId) ?? 0)) this.#peaks.set(appId, open);
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
    activity.on("handshake_refused", ({ appId }) => {
      if (appId !== null) this.#of(appId).handshakesRefused += 1;
    });
  }

  all(): CountersOfApps {
    return this.#apps;
  }

  copy(): CountersOfApps {
    return new Map([...this.#apps].map(([appId, counters]) => [appId, { ...counters }]));
  }

  /** The maximum number of open connections since the last call of restartPeaks; 0 if none was opened since. */
  peakOf(appId: string): number {
    return this.#peaks.get(appId) ?? 0;
  }

  restartPeaks(): void {
    this.#peaks = new Map();
  }

  /** The counts of deleted apps stay in the totals. */
  totals(): Counters {
    const totals = noCounts();
    for (const counters of this.#apps.values()) {
      for (const name of counterNames) totals[name] += counters[name];
    }
    return totals;
  }

  #of(appId: string): Counters {
    let counters = this.#apps.get(appId);
    if (counters === undefined) {
      counters = noCounts();
      this.#apps.set(appId, counters);
    }
    return counters;
  }
}

export function connectionsOf({ connectionsOpened, connectionsClosed }: Readonly<Counters>): number {
  return connectionsOpened - connectionsClosed;
}

export function noCounts(): Counters {
  return Object.fromEntries(counterNames.map((name) => [name, 0])) as Counters;
}
