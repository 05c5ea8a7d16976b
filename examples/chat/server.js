/** The chat's backend: it logs users in, authorizes subscriptions, and publishes messages. */
import { randomUUID } from "node:crypto";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import express from "express";
import Pusher from "pusher";

const room = "presence-room";
const nameLengthMax = 40;
const textLengthMax = 1_000;

const chatPort = Number(process.env.PORT || 3000);
const host = process.env.SOKETIFY_HOST || "127.0.0.1";
const port = process.env.SOKETIFY_PORT || "6001";
const key = required("SOKETIFY_APP_KEY");

const pusher = new Pusher({
  appId: required("SOKETIFY_APP_ID"),
  key,
  secret: required("SOKETIFY_APP_SECRET"),
  host,
  port,
  useTLS: false,
  cluster: "default",
});

/** Session id → user. They are lost when the process ends; a real application has its own sessions. */
const users = new Map();

const app = express();
app.use(express.json());
app.use(express.urlencoded({ extended: false }));
app.use(express.static(fileURLToPath(new URL("public", import.meta.url))));

const { resolve } = createRequire(import.meta.url);
app.get("/pusher.min.js", (_request, response) =>
  response.sendFile(resolve("pusher-js/dist/web/pusher.min.js")),
);
/** With it pages get the messages of the room that they missed during a reconnect. The room needs a rule with history. */
const recovery = process.env.CHAT_RECOVERS === "yes" ? "./recovery.js" : null;
app.get("/recovery.js", (_request, response) => response.sendFile(resolve("@soketify/recovery")));

app.get("/settings", (_request, response) =>
  response.json({ key, host, port: Number(port), room, recovery }),
);

app.post("/session", (request, response) => {
  const name = textOf(request.body?.name, nameLengthMax);
  if (name === null) return response.status(400).send(`A name has 1 to ${nameLengthMax} characters`);
  const user = { id: randomUUID(), name };
  const session = randomUUID();
  users.set(session, user);
  response.cookie("session", session, { httpOnly: true, sameSite: "strict" }).json(user);
});

// #region authorization
// The Pusher client calls this before it subscribes to a private or presence channel. 403 refuses.
app.post("/pusher/auth", (request, response) => {
  const user = userOf(request);
  const { socket_id: socketId, channel_name: channel } = request.body ?? {};
  if (user === undefined) return response.status(403).send("Forbidden");
  if (channel === room) {
    const member = { user_id: user.id, user_info: { name: user.name } };
    return response.send(pusher.authorizeChannel(socketId, channel, member));
  }
  if (channel === inboxOf(user.id)) return response.send(pusher.authorizeChannel(socketId, channel));
  response.status(403).send("Forbidden");
});
// #endregion authorization

// #region messages
/** `{ text, to }`: a message to the room, or to the one person whose id is `to`. */
app.post("/messages", async (request, response) => {
  const user = userOf(request);
  if (user === undefined) return response.status(403).send("Forbidden");
  const text = textOf(request.body?.text, textLengthMax);
  if (text === null) return response.status(400).send(`A message has 1 to ${textLengthMax} characters`);
  const { to } = request.body;
  const message = { from: user, text, sentAt: Date.now(), isPrivate: to !== undefined };
  const channels = to === undefined ? room : [inboxOf(String(to)), inboxOf(user.id)];
  await pusher.trigger(channels, "message", message);
  response.status(204).end();
});
// #endregion messages

const listener = app.listen(chatPort, "127.0.0.1", (error) => {
  if (error) {
    console.error(`Port ${chatPort} is not available (${error.code}). Set PORT to another port.`);
    process.exit(1);
  }
  console.log(`Chat: http://127.0.0.1:${listener.address().port}`);
});

function inboxOf(userId) {
  return `private-inbox-${userId}`;
}

function userOf(request) {
  const session = /(?:^|; )session=([\w-]+)/.exec(request.headers.cookie ?? "");
  return session === null ? undefined : users.get(session[1]);
}

function textOf(value, lengthMax) {
  const text = typeof value === "string" ? value.trim() : "";
  return text.length === 0 || text.length > lengthMax ? null : text;
}

function required(name) {
  const value = process.env[name];
  if (value) return value;
  console.error(`${name} is not set. Soketify prints the credentials of its first app when it starts.`);
  process.exit(1);
}
