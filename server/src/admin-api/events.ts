/** What a backend does, done by a person: an event published, a channel authorized, a user authenticated. */
import type { Publish } from "../actions/publish.ts";
import type { App } from "../core/app.ts";
import type { AppRegistry } from "../core/app-registry.ts";
import { channelStringToSign, userStringToSign } from "../protocol/signature.ts";
import type { Handlers } from "./handlers.ts";

export function createEventHandlers(
  publish: Publish,
  registry: AppRegistry,
): Handlers<"publishEvent" | "authorizeChannel" | "authenticateUser"> {
  function authOf(app: App, text: string): string {
    const [signature] = registry.sign(app.id, text);
    if (signature === undefined) throw new Error(`App ${app.id} went away while it signed`);
    return `${app.key}:${signature}`;
  }

  return {
    async publishEvent({ app, body: { name, data, channels, socketId = null } }) {
      const event = { name, data, channels, exceptSocketId: socketId };
      publish.check(app, event);
      await publish.send(app, event);
      return {};
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
