/** The connection of the whole page. */
import Pusher from "pusher-js";

/** @param {string} token of the logged-in user */
function connect(token) {
  const { VITE_SOKETIFY_APP_KEY, VITE_SOKETIFY_HOST, VITE_SOKETIFY_PORT } = import.meta.env;
  return new Pusher(VITE_SOKETIFY_APP_KEY, {
    wsHost: VITE_SOKETIFY_HOST || "127.0.0.1",
    wsPort: Number(VITE_SOKETIFY_PORT || 6001),
    forceTLS: false,
    enabledTransports: ["ws", "wss"],
    disableStats: true,
    cluster: "default",
    channelAuthorization: {
      endpoint: "/pusher/auth",
      transport: "ajax",
      headers: { Authorization: `Bearer ${token}` },
    },
  });
}

// The URL selects the user: /?token=token-of-bo. Replace this with your application's login.
export const pusher = connect(new URLSearchParams(location.search).get("token") || "token-of-ada");
