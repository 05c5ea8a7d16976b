/** Authorizes subscriptions. Pusher SDKs call it before they subscribe to a private or presence channel. */
import { pusher, userOf } from "../../../lib/backend.js";

export async function POST(request) {
  const user = userOf(request);
  if (user === undefined) return new Response("Log in first", { status: 403 });
  const form = await request.formData();
  const socketId = form.get("socket_id");
  const channel = form.get("channel_name");

  if (channel === "presence-room") {
    const member = { user_id: user.id, user_info: { name: user.name } };
    return Response.json(pusher.authorizeChannel(socketId, channel, member));
  }
  if (channel === `private-inbox-${user.id}`) {
    return Response.json(pusher.authorizeChannel(socketId, channel));
  }
  return new Response("You may not join this channel", { status: 403 });
}
