/** A client of the server that runs on this machine's data folder. */
import type { Config } from "../config/config.ts";
import { AdminClient } from "./admin-client.ts";
import { fetchHere, findLocalServer } from "./local-server.ts";

/** Null if no server runs. */
export function localAdmin(config: Pick<Config, "dataDir">): AdminClient | null {
  const local = findLocalServer(config);
  return local === null ? null : new AdminClient(local.url, local.token, fetchHere);
}
