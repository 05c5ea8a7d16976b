/** Programs that run as they are copied: one that hears an event, one that sends it. */
import type { ClientPlace } from "../api/client-place.ts";

/** The options of a client as JavaScript, without the braces. */
export function clientOptions({ host, port, isTls, path }: ClientPlace): string {
  const wsPath = path === "" ? "" : ` wsPath: "${path}",`;
  return `wsHost: "${host}", wsPort: ${port}, wssPort: ${port}, forceTLS: ${isTls},${wsPath}
  enabledTransports: ["ws", "wss"], disableStats: true, cluster: "default",`;
}

/** A module that shows the event of these channels. Where one needs authorization, the endpoint is for the reader to name. */
export function pusherJsProgram(
  place: ClientPlace & { readonly key: string },
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

const pusher = new Pusher("${place.key}", {
  ${clientOptions(place)}${needsAuthorization ? '\n  channelAuthorization: { transport: "ajax", endpoint: "/pusher/auth" },' : ""}
});
${subscriptions.join("\n")}`;
}

export interface SentEvent {
  readonly name: string;
  readonly channels: readonly string[];
  readonly data: string;
}

/** For a shell that has SOKETIFY_TOKEN. @param adminUrl the root of the admin API */
export function curlProgram(adminUrl: URL, appId: string, event: SentEvent): string {
  const quoted = JSON.stringify(event).replaceAll("'", "'\\''");
  return `curl ${adminUrl}api/v1/apps/${appId}/events \\
  -H "Authorization: Bearer $SOKETIFY_TOKEN" -H "Content-Type: application/json" \\
  -d '${quoted}'`;
}
