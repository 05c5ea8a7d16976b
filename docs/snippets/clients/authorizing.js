/** @param {typeof import("pusher-js").default} Pusher */
export function connect(Pusher) {
  // #region client
  const pusher = new Pusher("APP_KEY", {
    wsHost: "ws.example.com",
    forceTLS: true,
    enabledTransports: ["ws", "wss"],
    cluster: "default",
    channelAuthorization: { endpoint: "/pusher/auth", transport: "ajax" },
    userAuthentication: { endpoint: "/pusher/user-auth", transport: "ajax" },
  });
  // #endregion client
  return pusher;
}
