import type { Config } from "./config.ts";

/** The addresses that webhooks may reach by the configuration, and whether over plain http. */
export function webhookTargets({ webhookAllow, webhookAllowHttp, environment }: Config) {
  return { allow: webhookAllow, isHttpAllowed: environment === "development" || webhookAllowHttp };
}
