/** The handlers that list, create, change and delete apps. */

import { type App, activeSecret } from "../../core/apps/app.ts";
import type { AppRegistry } from "../../core/apps/app-registry.ts";
import { warningOf } from "../../core/apps/credentials.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { AddApp } from "../../management/add-app.ts";
import type { DeleteApp } from "../../management/delete-app.ts";
import type { UpdateApp } from "../../management/update-app.ts";
import type * as contract from "../contracts/apps.ts";
import { type Handlers, isoTime } from "../handlers.ts";
import { pageOf, sortableNumber } from "../page.ts";
import { secretWithValue } from "./secrets.ts";

/** Describes an app from the registry, the nodes and the statistics. */
export type DescribeApp = (app: App) => contract.App;

export function createDescribeApp(
  registry: AppRegistry,
  /** On all nodes. */
  counts: {
    readonly connectionCount: (appId: string) => number;
    readonly messagesLastMinute: (appId: string) => number;
  },
  { clock, secretAgeWarningMs }: { readonly clock: Clock; readonly secretAgeWarningMs: number },
): DescribeApp {
  return function describeApp({ createdAtMs, ...app }) {
    const rotation = registry.rotationOf(app.id);
    const ageMs = rotation === null ? 0 : Math.max(0, clock.now() - rotation.activeSinceMs);
    return {
      id: app.id,
      key: app.key,
      name: app.name,
      isEnabled: app.isEnabled,
      settings: app.settings,
      createdAt: isoTime(createdAtMs),
      revision: app.revision,
      secret: {
        id: rotation?.secretId ?? "",
        ageMs,
        isOld: secretAgeWarningMs > 0 && ageMs > secretAgeWarningMs,
        isRotating: rotation?.isRotating ?? false,
      },
      connectionCount: counts.connectionCount(app.id),
      messagesLastMinute: counts.messagesLastMinute(app.id),
    };
  };
}

export function createAppHandlers(
  registry: AppRegistry,
  describe: DescribeApp,
  actions: { readonly addApp: AddApp; readonly updateApp: UpdateApp; readonly deleteApp: DeleteApp },
  clock: Clock,
): Handlers<"listApps" | "createApp" | "getApp" | "changeApp" | "deleteApp"> {
  return {
    listApps({ principal, query }) {
      const visible = registry
        .all()
        .filter((app) => principal.can("app.read", app.id) && matchesSearch(app, query.search));
      const { items, ...page } = pageOf(
        visible,
        ({ createdAtMs, id }) => `${sortableNumber(createdAtMs)} ${id}`,
        query,
      );
      return { apps: items.map(describe), ...page };
    },
    async createApp({ actor, body }) {
      const record = await actions.addApp(actor, body);
      const secret = activeSecret(record);
      const warnings = [warningOf(secret.value)].filter((warning) => warning !== null);
      return { app: describe(record), secret: secretWithValue(secret, clock.now()), warnings };
    },
    getApp: ({ app }) => ({ app: describe(app) }),
    changeApp: async ({ app, actor, body }) => ({
      app: describe(await actions.updateApp(app.id, actor, body)),
    }),
    deleteApp: ({ app, actor }) => actions.deleteApp(app.id, actor),
  };
}

/** Whether the search text is a part of the app's name, id or key. */
export function matchesSearch({ id, key, name }: App, search: string | undefined): boolean {
  if (search === undefined) return true;
  const wanted = search.toLowerCase();
  return [id, key, name].some((text) => text.toLowerCase().includes(wanted));
}
