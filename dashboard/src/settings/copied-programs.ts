/** Complete programs to copy: one receives an event, the other sends it. */
import type { ClientEndpoint } from "../api/client-endpoint.ts";

/** The options of a client as JavaScript, without the braces. */
export function clientOptions({ host, port, isTls, path }: ClientEndpoint): string {
  const paths = path === "" ? "" : `\n  wsPath: "${path}", httpPath: "${path}/pusher",`;
  return `wsHost: "${host}", wsPort: ${port}, wssPort: ${port}, forceTLS: ${isTls},
  httpHost: "${host}", httpPort: ${port}, httpsPort: ${port},${paths}
  enabledTransports: ["ws", "wss", "xhr_streaming", "xhr_polling"], disableStats: true, cluster: "default",`;
}

/** A module that prints the event of these channels. If a channel needs authorization, the reader must replace the endpoint. */
export function pusherJsProgram(
  endpoint: ClientEndpoint & { readonly key: string },
  channels: readonly string[],
  event: string,
): string {
  const isEncrypted = channels.some((channel) => channel.startsWith("private-encrypted-"));
  const needsAuthorization = channels.some((channel) => /^(private|presence)-/.test(channel));
  const subscriptions = channels.map(
    (channel) =>
      `pusher.subscribe(${JSON.stringify(channel)}).bind(${JSON.stringify(event)}, (data) => console.log(data));`,
  );
  return `import Pusher from "pusher-js${isEncrypted ? "/with-encryption" : ""}";

const pusher = new Pusher("${endpoint.key}", {
  ${clientOptions(endpoint)}${needsAuthorization ? '\n  channelAuthorization: { transport: "ajax", endpoint: "/pusher/auth" },' : ""}
});
${subscriptions.join("\n")}`;
}

export interface SentEvent {
  readonly name: string;
  readonly channels: readonly string[];
  readonly data: string;
}

/** A curl command that reads SOKETIFY_TOKEN from the environment. @param adminUrl the root URL of the admin API */
export function curlProgram(adminUrl: URL, appId: string, event: SentEvent): string {
  const quoted = JSON.stringify(event).replaceAll("'", "'\\''");
  return `curl ${adminUrl}api/v1/apps/${appId}/events \\
  -H "Authorization: Bearer $SOKETIFY_TOKEN" -H "Content-Type: application/json" \\
  -d '${quoted}'`;
}
