/** The handlers that describe the caller and the settings. */
import type { SettingRule } from "../../core/apps/app-settings.ts";
import type { AppSettingRule } from "../contracts/apps.ts";
import { type ClientAddress, permission } from "../contracts/server.ts";
import type { Handlers } from "../handlers.ts";

export function createServerHandlers(
  version: string,
  settingRules: Readonly<Record<string, SettingRule>>,
  clientAddress: () => ClientAddress,
): Handlers<"me" | "server" | "settingRules"> {
  return {
    me({ principal: { identity, grants } }) {
      const appIds = grants.some((grant) => grant.appIds === null)
        ? null
        : [...new Set(grants.flatMap((grant) => [...(grant.appIds ?? [])]))];
      const permissions = permission.options.filter((one) =>
        grants.some((grant) => grant.permissions.has(one)),
      );
      const kind = identity.kind === "person" ? "user" : "token";
      return { name: identity.name, kind, permissions, appIds };
    },
    server: () => ({ version, clients: clientAddress() }),
    settingRules: () => ({ rules: { ...settingRules } as Record<string, AppSettingRule> }),
  };
}
