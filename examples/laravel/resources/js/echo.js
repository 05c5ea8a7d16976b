import Echo from "laravel-echo";
import Pusher from "pusher-js";

const { VITE_PUSHER_APP_KEY: key, VITE_PUSHER_HOST: host, VITE_PUSHER_SCHEME: scheme } = import.meta.env;
const port = Number(import.meta.env.VITE_PUSHER_PORT);

export default new Echo({
  broadcaster: "pusher",
  Pusher,
  key,
  wsHost: host,
  wsPort: port,
  wssPort: port,
  // Where a network blocks WebSocket, pusher-js uses HTTP with these.
  httpHost: host,
  httpPort: port,
  httpsPort: port,
  forceTLS: scheme === "https",
  enabledTransports: ["ws", "wss", "xhr_streaming", "xhr_polling"],
  disableStats: true,
  // pusher-js requires a cluster. With a host it is not used.
  cluster: "default",
});
