/** An app's own backend: answers `/pusher/auth` and `/pusher/user-auth` with the `pusher` package. */
import type Pusher from "pusher";

export interface AuthEndpoint {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * The form contains the user: `user_id`, and `watchlist` with commas. `nobody` is refused with 403, `impostor` gets a
 * wrong signature.
 */
export function startAuthEndpoint(honest: Pusher, impostor: Pusher): AuthEndpoint {
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      const form = new URLSearchParams(await request.text());
      const socketId = form.get("socket_id") ?? "";
      const channel = form.get("channel_name");
      const userId = form.get("user_id") ?? "anonymous";
      if (userId === "nobody") return new Response("Forbidden", { status: 403 });
      const backend = userId === "impostor" ? impostor : honest;
      if (channel === null) {
        const watchlist = form.get("watchlist")?.split(",") ?? [];
        return Response.json(backend.authenticateUser(socketId, { id: userId, watchlist }));
      }
      if (!channel.startsWith("presence-")) return Response.json(backend.authorizeChannel(socketId, channel));
      const member = { user_id: userId, user_info: { name: `The one called ${userId}` } };
      return Response.json(backend.authorizeChannel(socketId, channel, member));
    },
  });
  return { url: server.url.href.replace(/\/$/, ""), stop: () => server.stop(true) };
}
