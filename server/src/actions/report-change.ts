/** Passes the changes of the roster to the activity feed, once in the whole cluster. */
import type { ActivityFeed } from "../core/activity.ts";
import type { AppRegistry } from "../core/apps/app-registry.ts";
import type { RosterChange } from "../core/ports/roster.ts";
import { publishesCount } from "./publishes-count.ts";

export function createReportChange(
  registry: AppRegistry,
  activity: ActivityFeed,
): (change: RosterChange) => void {
  return function reportChange(change) {
    // The setting may have been turned off since the count was scheduled.
    if (change.type === "subscription_count" && !publishesCount(registry.byId(change.appId), change.channel))
      return;
    activity.emit(change);
  };
}
