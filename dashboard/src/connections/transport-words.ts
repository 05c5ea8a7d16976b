import type { Connection } from "../../../server/src/admin-api/contracts/channels.ts";

/** How people call the transports. */
export const transportWords = {
  websocket: "WebSocket",
  xhr_streaming: "XHR streaming",
  xhr_polling: "XHR polling",
} satisfies Record<Connection["transport"], string>;
