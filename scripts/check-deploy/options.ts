/** Validates the variables of a container with the server's own configuration parser. */
import { loadConfig } from "../../server/src/config/load-config.ts";

/** @throws ConfigError that names every unknown variable and wrong value */
export function assertValidOptions(env: Readonly<Record<string, string>>): void {
  const machine = { env, descriptorsMax: 65_536, memoryBytes: 2 ** 30 };
  loadConfig({ flags: {}, machine, folder: import.meta.dir });
}
