/** Authorizes subscriptions. Pusher SDKs call it before they subscribe to a private or presence channel. */
import express from "express";
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

const app = express();
app.use(express.urlencoded({ extended: false }));

app.use((request, response, next) => {
  const token = request.get("authorization")?.replace(/^Bearer /, "");
  const user = users.get(token);
  if (user === undefined) return response.status(403).send("Log in first");
  response.locals.user = user;
  next();
});

// #region channels
app.post("/pusher/auth", (request, response) => {
  const { user } = response.locals;
  const { socket_id: socketId, channel_name: channel } = request.body;

  if (channel === "presence-room") {
    const member = { user_id: user.id, user_info: { name: user.name } };
    return response.json(pusher.authorizeChannel(socketId, channel, member));
  }
  if (channel === `private-inbox-${user.id}`) {
    return response.json(pusher.authorizeChannel(socketId, channel));
  }
  response.status(403).send("You may not join this channel");
});
// #endregion channels

// #region users
app.post("/pusher/user-auth", (request, response) => {
  const { id, name } = response.locals.user;
  response.json(pusher.authenticateUser(request.body.socket_id, { id, user_info: { name } }));
});
// #endregion users

const port = Number(process.env.PORT || 3010);
const listener = app.listen(port, "127.0.0.1", (error) => {
  if (error) {
    console.error(`Port ${port} is not available (${error.code}). Set PORT to another port.`);
    process.exit(1);
  }
  console.log(`Authorization: http://127.0.0.1:${listener.address().port}/pusher/auth`);
});
