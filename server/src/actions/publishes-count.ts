/**
 * Whether a channel sends its subscription count to its subscribers: if the app enables it, and not on presence
 * channels.
 */
import type { App } from "../core/apps/app.ts";
import { isPresenceChannel } from "../protocol/channel-name.ts";

export function publishesCount(app: App | null, channel: string): boolean {
  return app?.settings.subscriptionCountEnabled === true && !isPresenceChannel(channel);
}
