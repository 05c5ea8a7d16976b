/** The `.env` lines that stock Pusher backends read, filled in for this server. */
import type { App } from "../../../server/src/admin-api/contract.ts";
import { serverUrl } from "../api/client.ts";

export function envLines({ id, key }: Pick<App, "id" | "key">, secret: string): string {
  return [
    `PUSHER_APP_ID=${id}`,
    `PUSHER_APP_KEY=${key}`,
    `SOKETIFY_APP_SECRET=${secret}`,
    `PUSHER_HOST=${serverUrl.hostname}`,
    `PUSHER_PORT=${serverPort()}`,
    `PUSHER_SCHEME=${serverUrl.protocol.replace(":", "")}`,
    "",
  ].join("\n");
}

export function serverPort(): number {
  if (serverUrl.port !== "") return Number(serverUrl.port);
  return serverUrl.protocol === "https:" ? 443 : 80;
}
