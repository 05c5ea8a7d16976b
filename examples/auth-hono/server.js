/** Authorizes subscriptions. Pusher SDKs call it before they subscribe to a private or presence channel. */
import { Hono } from "hono";
import Pusher from "pusher";

const pusher = new Pusher({
  appId: process.env.SOKETIFY_APP_ID,
  key: process.env.SOKETIFY_APP_KEY,
  secret: process.env.SOKETIFY_APP_SECRET,
  host: process.env.SOKETIFY_HOST || "127.0.0.1",
  port: process.env.SOKETIFY_PORT || "6001",
  useTLS: false,
});

// Replace these with your application's sessions and users.
const users = new Map([
  ["token-of-ada", { id: "ada", name: "Ada" }],
  ["token-of-bo", { id: "bo", name: "Bo" }],
]);

const app = new Hono();

app.use(async (context, next) => {
  const token = context.req.header("authorization")?.replace(/^Bearer /, "");
  const user = users.get(token);
  if (user === undefined) return context.text("Log in first", 403);
  context.set("user", user);
  await next();
});

app.post("/pusher/auth", async (context) => {
  const user = context.get("user");
  const { socket_id: socketId, channel_name: channel } = await context.req.parseBody();

  if (channel === "presence-room") {
    const member = { user_id: user.id, user_info: { name: user.name } };
    return context.json(pusher.authorizeChannel(socketId, channel, member));
  }
  if (channel === `private-inbox-${user.id}`) {
    return context.json(pusher.authorizeChannel(socketId, channel));
  }
  return context.text("You may not join this channel", 403);
});

app.post("/pusher/user-auth", async (context) => {
  const { id, name } = context.get("user");
  const { socket_id: socketId } = await context.req.parseBody();
  return context.json(pusher.authenticateUser(socketId, { id, user_info: { name } }));
});

const port = Number(process.env.PORT || 3010);
try {
  const server = Bun.serve({ port, hostname: "127.0.0.1", fetch: app.fetch });
  console.log(`Authorization: ${server.url}pusher/auth`);
} catch (error) {
  console.error(`Port ${port} is not available (${error.code}). Set PORT to another port.`);
  process.exit(1);
}
