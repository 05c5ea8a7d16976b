/** Bun's own WebSocket server without checks: it subscribes clients and publishes posted events. It shows what connections and deliveries cost the runtime. */
const hello = JSON.stringify({ event: "pusher:connection_established", data: '{"socket_id":"1.1"}' });

Bun.serve({
  hostname: "127.0.0.1",
  port: Number(process.env.PORT),
  async fetch(request, server) {
    if (request.method === "GET")
      return server.upgrade(request) ? undefined : new Response(null, { status: 426 });
    const { name, channel, data } = JSON.parse(await request.text());
    server.publish(channel, JSON.stringify({ event: name, channel, data }));
    return new Response("{}");
  },
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
