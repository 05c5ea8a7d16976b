/** A curl command with a signed request that publishes an event. */
import { createHash } from "node:crypto";
import { hmacSha256 } from "../protocol/signature.ts";
import type { FirstApp } from "./server-port.ts";

export function triggerLine(url: string, pathPrefix: string, app: FirstApp, nowMs: number): string {
  const body = JSON.stringify({ name: "my-event", channels: ["my-channel"], data: '{"hello":"world"}' });
  const path = `/apps/${app.id}/events`;
  const query = [
    `auth_key=${app.key}`,
    `auth_timestamp=${Math.floor(nowMs / 1_000)}`,
    "auth_version=1.0",
    `body_md5=${createHash("md5").update(body).digest("hex")}`,
  ].join("&");
  const signature = hmacSha256(app.secret, `POST\n${path}\n${query}`);
  const target = `${url}${pathPrefix}${path}?${query}&auth_signature=${signature}`;
  return `curl -H 'Content-Type: application/json' -d '${body}' '${target}'`;
}
