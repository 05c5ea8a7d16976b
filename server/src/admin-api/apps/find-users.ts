/** Finds users by the first characters of their ids, in all apps that the caller may see. */
import type { AppRegistry } from "../../core/apps/app-registry.ts";
import type { Hub } from "../../core/hub.ts";
import type { ActivityHistory } from "../../live/activity-history.ts";
import { describedUserIds } from "../../live/describe-connection.ts";
import { userIdsOf } from "../../live/user-trace.ts";
import type { AllNodes } from "../../management/all-nodes.ts";
import type { Handlers } from "../handlers.ts";

const foundMax = 20;

interface Wanted {
  readonly search: string;
  readonly appIds: readonly string[];
}

export function createFindUserHandlers(
  registry: AppRegistry,
  { hub, history }: { readonly hub: Hub; readonly history: ActivityHistory },
  allNodes: AllNodes,
): Handlers<"findUsers"> {
  const find = allNodes.question("find users", ({ search, appIds }: Wanted) =>
    appIds.flatMap((appId) => {
      const app = registry.byId(appId);
      if (app === null) return [];
      const found = new Set<string>();
      for (const connection of hub.connections(appId))
        for (const id of userIdsOf(connection)) if (id.startsWith(search)) found.add(id);
      for (const { item } of history.closed.of(app, search))
        for (const id of describedUserIds(item)) if (id.startsWith(search)) found.add(id);
      for (const { item } of history.steps.of(app, search))
        if ("userId" in item && item.userId?.startsWith(search) === true) found.add(item.userId);
      return [...found]
        .sort()
        .slice(0, foundMax)
        .map((userId) => ({ appId, userId }));
    }),
  );

  return {
    async findUsers({ principal, query: { search } }) {
      const apps = registry.all().filter(({ id }) => principal.can("app.read", id));
      const { parts, unanswered } = await find({ search, appIds: apps.map(({ id }) => id) });
      const found = new Map(
        parts.flatMap(({ answer }) => answer.map((one) => [`${one.userId} ${one.appId}`, one])),
      );
      const nameOf = (appId: string) => apps.find(({ id }) => id === appId)?.name ?? appId;
      return {
        users: [...found]
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .slice(0, foundMax)
          .map(([, { appId, userId }]) => ({ appId, appName: nameOf(appId), userId })),
        unanswered,
      };
    },
  };
}
