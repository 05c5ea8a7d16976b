/** The `.env` lines for a backend of this server, with the variable names of the documentation. */
import type { App } from "@soketify/admin";
import type { ClientEndpoint } from "../api/client-endpoint.ts";

export function envLines(
  { id, key }: Pick<App, "id" | "key">,
  secret: string,
  { host, port, isTls, path }: ClientEndpoint,
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
