import type { Connection } from "@soketify/admin";

/** How people call the transports. */
export const transportWords = {
  websocket: "WebSocket",
  xhr_streaming: "XHR streaming",
  xhr_polling: "XHR polling",
} satisfies Record<Connection["transport"], string>;
