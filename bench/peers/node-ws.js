/**
 * The usual baseline: Node and `ws` with the minimum of the protocol (hello, public and private subscriptions, signed
 * /events). It encodes an event once and sends it in a loop.
 */
import { createHash, createHmac } from "node:crypto";
import { createServer } from "node:http";
import { WebSocketServer } from "ws";

const { PORT, APP_KEY, APP_SECRET } = process.env;
const channels = new Map();
let lastSocketId = 0;

const sign = (text) => createHmac("sha256", APP_SECRET).update(text).digest("hex");
const frame = (event, data, channel) => JSON.stringify({ event, channel, data: JSON.stringify(data) });

const http = createServer((request, response) => {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    const url = new URL(request.url, "http://localhost");
    const body = Buffer.concat(chunks);
    const isSigned = request.method === "POST" && isSignedRequest(url, body);
    if (isSigned) publish(JSON.parse(body.toString()));
    const answer = isSigned ? "{}" : "Invalid signature\n";
    response.writeHead(isSigned ? 200 : 401, { "Content-Length": answer.length }).end(answer);
  });
});

function isSignedRequest(url, body) {
  const query = [...url.searchParams].filter(([name]) => name !== "auth_signature").sort();
  const text = `POST\n${url.pathname}\n${query.map(([name, value]) => `${name}=${value}`).join("&")}`;
  const md5 = createHash("md5").update(body).digest("hex");
  return url.searchParams.get("body_md5") === md5 && url.searchParams.get("auth_signature") === sign(text);
}

function publish({ name, channel, channels: names = [channel], data }) {
  for (const each of names) {
    const text = Buffer.from(JSON.stringify({ event: name, channel: each, data }));
    for (const socket of channels.get(each) ?? []) socket.send(text, { binary: false });
  }
}

const webSockets = new WebSocketServer({ server: http, perMessageDeflate: false });
webSockets.on("connection", (socket) => {
  const joined = new Set();
  lastSocketId += 1;
  const socketId = `1.${lastSocketId}`;
  socket.send(frame("pusher:connection_established", { socket_id: socketId, activity_timeout: 120 }));
  socket.on("message", (bytes) => {
    const { event, data } = JSON.parse(bytes.toString());
    switch (event) {
      case "pusher:ping":
        return socket.send(frame("pusher:pong", {}));
      case "pusher:subscribe":
        return subscribe(data);
      case "pusher:unsubscribe":
        return leave(data.channel);
      default:
    }
  });
  socket.on("close", () => joined.forEach(leave));

  function subscribe({ channel, auth }) {
    if (channel.startsWith("private-") && auth !== `${APP_KEY}:${sign(`${socketId}:${channel}`)}`) {
      return socket.send(frame("pusher:subscription_error", { status: 401 }, channel));
    }
    if (!channels.has(channel)) channels.set(channel, new Set());
    channels.get(channel).add(socket);
    joined.add(channel);
    socket.send(frame("pusher_internal:subscription_succeeded", {}, channel));
  }

  function leave(channel) {
    joined.delete(channel);
    const sockets = channels.get(channel);
    sockets?.delete(socket);
    if (sockets?.size === 0) channels.delete(channel);
  }
});

http.listen(Number(PORT), "127.0.0.1");
