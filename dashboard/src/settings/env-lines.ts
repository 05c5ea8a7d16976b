/** The `.env` lines of a backend, under the names that the documentation uses, filled in for this server. */
import type { App } from "../../../server/src/admin-api/contracts/apps.ts";
import type { ClientPlace } from "../api/client-place.ts";

export function envLines(
  { id, key }: Pick<App, "id" | "key">,
  secret: string,
  { host, port, isTls, path }: ClientPlace,
): string {
  return [
    `SOKETIFY_APP_ID=${id}`,
    `SOKETIFY_APP_KEY=${key}`,
    `SOKETIFY_APP_SECRET=${secret}`,
    `SOKETIFY_HOST=${host}`,
    `SOKETIFY_PORT=${port}`,
    ...(isTls ? ["SOKETIFY_TLS=true"] : []),
    ...(path === "" ? [] : [`SOKETIFY_PATH=${path}`]),
    "",
  ].join("\n");
}
