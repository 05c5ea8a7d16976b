import type { Connection } from "@soketify/admin";

/** The names of the transports in the dashboard. */
export const transportWords = {
  websocket: "WebSocket",
  xhr_streaming: "XHR streaming",
  xhr_polling: "XHR polling",
} satisfies Record<Connection["transport"], string>;
