/** The `.env` lines of a backend, under the names that the documentation uses, filled in for this server. */
import type { App } from "../../../server/src/admin-api/contract.ts";
import { serverUrl } from "../api/client.ts";

export function envLines({ id, key }: Pick<App, "id" | "key">, secret: string): string {
  return [
    `SOKETIFY_APP_ID=${id}`,
    `SOKETIFY_APP_KEY=${key}`,
    `SOKETIFY_APP_SECRET=${secret}`,
    `SOKETIFY_HOST=${serverUrl.hostname}`,
    `SOKETIFY_PORT=${serverPort()}`,
    "",
  ].join("\n");
}

export function serverPort(): number {
  if (serverUrl.port !== "") return Number(serverUrl.port);
  return serverUrl.protocol === "https:" ? 443 : 80;
}
