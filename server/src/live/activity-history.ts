/** The latest errors, closed connections and steps of each connection, for people who look at them later. */

import type { ActivityFeed, ActivityOf } from "../core/activity.ts";
import type { Clock } from "../core/ports/clock.ts";
import { type DescribedConnection, describeConnection } from "./describe-connection.ts";
import { type EntryDetails, type ErrorType, entryDetails, type StepType } from "./live-entry.ts";
import { RecentByApp } from "./recent-by-app.ts";

export interface ClosedConnection extends DescribedConnection {
  /** ISO 8601. */
  readonly closedAt: string;
  readonly code: number;
  readonly reason: string;
}

const mebibyte = 1_048_576;

export class ActivityHistory {
  readonly errors: RecentByApp<EntryDetails<ErrorType>>;
  /** Stored separately, because anyone can send such requests: they must not replace other errors. */
  readonly refusedRequests: RecentByApp<EntryDetails<"api_request_refused">>;
  readonly steps: RecentByApp<EntryDetails<StepType>>;
  readonly closed: RecentByApp<ClosedConnection>;
  readonly #clock: Clock;

  constructor(activity: ActivityFeed, clock: Clock) {
    this.#clock = clock;
    const now = clock.now();
    this.errors = new RecentByApp({ itemsPerApp: 100, perApp: mebibyte / 2, inAll: 8 * mebibyte }, now);
    this.refusedRequests = new RecentByApp(
      { itemsPerApp: 20, perApp: mebibyte / 8, inAll: 2 * mebibyte },
      now,
    );
    this.steps = new RecentByApp({ itemsPerApp: 5_000, perApp: 4 * mebibyte, inAll: 32 * mebibyte }, now);
    this.closed = new RecentByApp({ itemsPerApp: 500, perApp: mebibyte, inAll: 16 * mebibyte }, now);
    this.#listen(activity);
  }

  #listen(activity: ActivityFeed): void {
    activity.on("subscribed", (subscribed) => this.#step(subscribed));
    activity.on("unsubscribed", (unsubscribed) => {
      // A closing connection leaves all its channels, so only its close is recorded.
      if (!unsubscribed.connection.isClosed) this.#step(unsubscribed);
    });
    activity.on("recovered", (recovered) => this.#step(recovered));
    activity.on("recovery_refused", (refused) => this.#step(refused));
    activity.on("signed_in", (signedIn) => this.#step(signedIn));
    activity.on("message_refused", (refused) => {
      this.#step(refused);
      this.#error(refused);
    });
    activity.on("handshake_refused", (refused) => this.#error(refused));
    activity.on("api_request", (request) => {
      if (request.status >= 400) this.#error(request);
    });
    activity.on("api_request_refused", (refused) => {
      const atMs = this.#clock.now();
      this.refusedRequests.add(refused.appId, atMs, entryDetails(refused, atMs));
    });
    activity.on("connection_closed", ({ appId, connection, memberships, code, reason }) => {
      const atMs = this.#clock.now();
      const closed = {
        ...describeConnection(connection, memberships),
        closedAt: new Date(atMs).toISOString(),
        code,
        reason,
      };
      this.closed.add(appId, atMs, closed);
    });
  }

  #step(step: ActivityOf<StepType>): void {
    const atMs = this.#clock.now();
    this.steps.add(step.appId, atMs, entryDetails(step, atMs));
  }

  #error(error: ActivityOf<ErrorType>): void {
    if (error.appId === null) return;
    const atMs = this.#clock.now();
    this.errors.add(error.appId, atMs, entryDetails(error, atMs));
  }
}
