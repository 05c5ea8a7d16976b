/** Whether a channel tells its subscribers how many they are: where the app says so, and never a presence channel. */
import type { App } from "../core/app.ts";
import { isPresenceChannel } from "../protocol/channel-name.ts";

export function tellsCount(app: App | null, channel: string): boolean {
  return app?.settings.subscriptionCountEnabled === true && !isPresenceChannel(channel);
}
