/** Bun's own WebSocket server: it says hello and subscribes to what it is asked for, nothing else. What a connection costs the runtime. */
const hello = JSON.stringify({ event: "pusher:connection_established", data: '{"socket_id":"1.1"}' });

Bun.serve({
  hostname: "127.0.0.1",
  port: Number(process.env.PORT),
  fetch: (request, server) =>
    server.upgrade(request) ? undefined : new Response("This is a WebSocket server\n", { status: 426 }),
  websocket: {
    idleTimeout: 0,
    sendPings: false,
    open: (socket) => void socket.send(hello),
    message(socket, text) {
      const { channel } = JSON.parse(String(text)).data;
      socket.subscribe(channel);
      socket.send(JSON.stringify({ event: "pusher_internal:subscription_succeeded", channel, data: "{}" }));
    },
  },
});
