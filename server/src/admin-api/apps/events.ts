/** The handlers that act like a backend: publish an event, authorize a channel, authenticate a user. */
import type { Publish, PublishedEvent } from "../../actions/publish.ts";
import type { Actor } from "../../core/actor.ts";
import type { App } from "../../core/apps/app.ts";
import type { AppRegistry } from "../../core/apps/app-registry.ts";
import type { Roster } from "../../core/ports/roster.ts";
import { appNotFound } from "../../management/change-app.ts";
import { serverToUserId } from "../../protocol/channel-name.ts";
import { channelStringToSign, userStringToSign } from "../../protocol/signature.ts";
import type { Handlers } from "../handlers.ts";

export function createEventHandlers(
  publish: Publish,
  registry: AppRegistry,
  roster: Pick<Roster, "counts">,
): Handlers<"publishEvent" | "authorizeChannel" | "authenticateUser"> {
  /**
   * The number of subscriptions in the cluster that receive the event. Null if a channel has no roster, or the excluded
   * connection may be on another node.
   */
  async function subscriptionsOf(app: App, event: PublishedEvent): Promise<number | null> {
    const { channels, exceptSocketId } = event;
    if (exceptSocketId !== null || channels.some((channel) => serverToUserId(channel) !== null)) return null;
    const counts = await Promise.all(channels.map((channel) => roster.counts(app.id, channel)));
    return counts.reduce((sum, { subscriptionCount }) => sum + subscriptionCount, 0);
  }

  function authOf(app: App, text: string): string {
    const [signature] = registry.sign(app.id, text);
    if (signature === undefined) throw appNotFound(app.id);
    return `${app.key}:${signature}`;
  }

  return {
    async publishEvent({ app, actor, body: { name, data, channels, socketId = null } }) {
      const event = { name, data, channels: [...new Set(channels)], exceptSocketId: socketId };
      publish.check(app, event);
      const sender = { address: actor.address ?? "", sdk: sdkOf(actor) };
      const { recipients, isLocal } = await publish.send(app, event, sender);
      return { recipients: recipients ?? (await subscriptionsOf(app, event)), isLocal };
    },
    authorizeChannel({ app, body: { socketId, channel, channelData } }) {
      const auth = authOf(app, channelStringToSign(socketId, channel, channelData ?? null));
      return channelData === undefined ? { auth } : { auth, channel_data: channelData };
    },
    authenticateUser({ app, body: { socketId, userData } }) {
      return { auth: authOf(app, userStringToSign(socketId, userData)), user_data: userData };
    },
  };
}

/** The sender's name in place of an SDK. */
function sdkOf({ kind }: Actor): string {
  if (kind === "person") return "dashboard";
  return kind === "cli" ? "soketify trigger" : "admin API";
}
