/** @param {typeof import("pusher-js").default} Pusher */
export function connect(Pusher) {
  // #region client
  const pusher = new Pusher("APP_KEY", {
    wsHost: "ws.example.com",
    wsPort: 80,
    wssPort: 443,
    httpHost: "ws.example.com",
    httpPort: 80,
    httpsPort: 443,
    forceTLS: true,
    enabledTransports: ["ws", "wss", "xhr_streaming", "xhr_polling"],
    disableStats: true,
    cluster: "default",
  });
  // #endregion client
  return pusher;
}
