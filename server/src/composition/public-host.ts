import type { Config } from "../config/config.ts";
import { isLoopback } from "../net/ip-address.ts";

/** An address that the server listens on and other computers may reach; null: there is none. */
export function publicHostOf({ host, metricsHost }: Pick<Config, "host" | "metricsHost">): string | null {
  const hosts = [host, metricsHost ?? host];
  return hosts.find((one) => one !== "localhost" && !isLoopback(one)) ?? null;
}
