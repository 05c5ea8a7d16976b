/** The server itself: who is asking, what settings mean, how it is doing. */
import { settingRules } from "../core/app-settings.ts";
import { type AppSettingRule, type Node, permission } from "./contract.ts";
import type { Handlers } from "./handlers.ts";

export function createServerHandlers(
  describeNodes: () => Promise<Node[]>,
): Handlers<"me" | "settingRules" | "nodes"> {
  return {
    me({ principal: { name, kind, grants } }) {
      const appIds = grants.some((grant) => grant.appIds === null)
        ? null
        : [...new Set(grants.flatMap((grant) => [...(grant.appIds ?? [])]))];
      const permissions = permission.options.filter((one) =>
        grants.some((grant) => grant.permissions.has(one)),
      );
      return { name, kind, permissions, appIds };
    },
    settingRules: () => ({ rules: { ...settingRules } as Record<string, AppSettingRule> }),
    nodes: async () => ({ nodes: await describeNodes() }),
  };
}
