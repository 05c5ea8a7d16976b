/** Reports an app's rejected requests on its activity feed, such as those of a backend with a wrong secret. */
import type { ActivityFeed, ActivityOf } from "../core/activity.ts";
import type { AppRegistry } from "../core/apps/app-registry.ts";
import { causePattern } from "../core/cause-pattern.ts";
import type { Clock } from "../core/ports/clock.ts";

/** Anybody can send such requests, so they are limited: they must not displace other entries of the feed. */
const reportedEveryMs = 1_000;
/** The maximum number of causes of an app at a time. Further causes are reported together, as the newest of them. */
const causesMax = 10;

type Refused = Omit<ActivityOf<"api_request_refused">, "type">;

export class RefusedRequests {
  readonly #registry: AppRegistry;
  readonly #activity: ActivityFeed;
  readonly #clock: Clock;
  /** By app and cause reported in the last second: the rejections that wait for the next report, or null. */
  readonly #waiting = new Map<string, Map<string, Refused | null>>();

  constructor(registry: AppRegistry, activity: ActivityFeed, clock: Clock) {
    this.#registry = registry;
    this.#activity = activity;
    this.#clock = clock;
  }

  /**
   * Reports the first rejection of a cause immediately. Those in the following second are counted and reported with the
   * newest one.
   */
  record(refused: Omit<Refused, "requests">): void {
    const causes = this.#waiting.get(refused.appId);
    const own = causeOf(refused);
    const isOneTooMany = causes !== undefined && causes.size >= causesMax && !causes.has(own);
    const cause = isOneTooMany ? "further" : own;
    const waiting = causes?.get(cause);
    if (waiting === undefined) this.#report(cause, { ...refused, requests: 1 });
    else causes?.set(cause, { ...refused, requests: (waiting?.requests ?? 0) + 1 });
  }

  #report(cause: string, refused: Refused): void {
    const { appId } = refused;
    if (this.#registry.byId(appId) === null) return;
    this.#activity.emit({ type: "api_request_refused", ...refused });
    const causes = this.#waiting.get(appId) ?? new Map<string, Refused | null>();
    this.#waiting.set(appId, causes.set(cause, null));
    this.#clock.after(reportedEveryMs, () => {
      const waiting = causes.get(cause) ?? null;
      causes.delete(cause);
      if (causes.size === 0) this.#waiting.delete(appId);
      if (waiting !== null) this.#report(cause, waiting);
    });
  }
}

function causeOf({ status, route, reason, sender }: Omit<Refused, "requests">): string {
  return [status, route, causePattern(reason), sender.sdk].join(" ");
}
