/** Reports an app's rejected requests on its activity feed, such as those of a backend with a wrong secret. */
import type { ActivityFeed, ActivityOf } from "../core/activity.ts";
import type { AppRegistry } from "../core/app-registry.ts";
import type { Clock } from "../core/ports/clock.ts";

/** Anybody can send such requests. They must not crowd out the rest of the feed. */
const toldEveryMs = 1_000;

type Refused = Omit<ActivityOf<"api_request_refused">, "type">;

export class RefusedRequests {
  readonly #registry: AppRegistry;
  readonly #activity: ActivityFeed;
  readonly #clock: Clock;
  /** For each app with a recent report: the rejections that wait for the next report, or null. */
  readonly #waiting = new Map<string, Refused | null>();

  constructor(registry: AppRegistry, activity: ActivityFeed, clock: Clock) {
    this.#registry = registry;
    this.#activity = activity;
    this.#clock = clock;
  }

  /** Reports the first rejection at once. Those in the following second are counted and reported with the newest one. */
  note(refused: Omit<Refused, "requests">): void {
    const waiting = this.#waiting.get(refused.appId);
    if (waiting === undefined) this.#tell({ ...refused, requests: 1 });
    else this.#waiting.set(refused.appId, { ...refused, requests: (waiting?.requests ?? 0) + 1 });
  }

  #tell(refused: Refused): void {
    const { appId } = refused;
    if (this.#registry.byId(appId) === null) return;
    this.#activity.emit({ type: "api_request_refused", ...refused });
    this.#waiting.set(appId, null);
    this.#clock.after(toldEveryMs, () => {
      const waiting = this.#waiting.get(appId) ?? null;
      this.#waiting.delete(appId);
      if (waiting !== null) this.#tell(waiting);
    });
  }
}
