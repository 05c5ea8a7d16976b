/** The meaning of each close and error code, for the dashboard and for docs/reference/errors.md. */
import type { PusherCode } from "../../../server/src/admin-api/contracts/history.ts";
import { errorPage } from "../../../server/src/protocol/error-page.ts";

export interface CodeWords {
  readonly title: string;
  readonly meaning: string;
  readonly advice: string;
}

/** The close codes of RFC 6455. */
type WebSocketCode = 1000 | 1001 | 1002 | 1003 | 1005 | 1006 | 1007 | 1009;

export const codeTable: { readonly [Code in PusherCode | WebSocketCode]: CodeWords } = {
  1000: {
    title: "Closed by the client",
    meaning: "The client closed the connection, as pusher.disconnect() does.",
    advice: "Nothing. This is a normal close.",
  },
  1001: {
    title: "The user left the page",
    meaning: "The browser closed the page or went to another one.",
    advice: "Nothing. Most connections of browsers close like this.",
  },
  1002: {
    title: "Invalid WebSocket frames",
    meaning: "One side violated the WebSocket protocol.",
    advice: "Check whether a proxy between client and server changes the traffic.",
  },
  1003: {
    title: "Unsupported data",
    meaning: "One side sent a type of data that the other does not accept.",
    advice: "Send JSON in text frames, as every Pusher SDK does.",
  },
  1005: {
    title: "Closed without a code",
    meaning: "The client closed the connection and gave no reason.",
    advice: "Nothing, unless it happens often. Then check what the client does just before.",
  },
  1006: {
    title: "The connection was lost",
    meaning:
      "No close frame was received: the network failed, the client was killed, or it read too slowly and was disconnected.",
    advice:
      "Nothing for single connections. If many close at once, check the network and the timeouts of proxies.",
  },
  1007: {
    title: "Text is not UTF-8",
    meaning: "The client sent a text frame that is not valid UTF-8.",
    advice: "Send JSON as UTF-8; encode binary data, for example as base64.",
  },
  1009: {
    title: "Message too big",
    meaning: "The client sent a message larger than the server accepts.",
    advice: "Send smaller messages, or send a link to the data.",
  },
  4001: {
    title: "App not found",
    meaning: "No app on this server has the client's key, or the app was deleted.",
    advice: "Check the client's key against the one under Settings, and its host against this server.",
  },
  4003: {
    title: "App disabled",
    meaning: "The app is disabled and accepts no connections.",
    advice: "Enable the app under Settings. Clients can then connect again.",
  },
  4004: {
    title: "Too many connections",
    meaning: "The app had reached its limit of connections.",
    advice: "Raise “Connections” under Settings, or find out which clients open so many.",
  },
  4005: {
    title: "Wrong path",
    meaning: "The client connected to a path that is not /app/KEY.",
    advice: "Check the client's wsPath and the path that a proxy forwards.",
  },
  4006: {
    title: "Invalid version",
    meaning: "The protocol or SDK version in the URL is not a valid version.",
    advice: "Use a Pusher SDK, or put protocol=7 in the URL.",
  },
  4007: {
    title: "Unsupported protocol",
    meaning: "The client uses a version of the Pusher protocol that this server does not support.",
    advice: "Use an SDK with protocol 4, 5, 6 or 7. All maintained SDKs have one of them.",
  },
  4008: {
    title: "No protocol version",
    meaning: "The URL does not contain the protocol version.",
    advice: "Use a Pusher SDK, or put protocol=7 in the URL.",
  },
  4009: {
    title: "Not allowed",
    meaning:
      "The server closed the connection because its origin is not allowed, its user did not sign in in time, or an administrator or a backend closed it.",
    advice:
      "See the reason that was sent with the code. Allowed origins and the sign-in timeout are under Settings.",
  },
  4200: {
    title: "Asked to reconnect",
    meaning:
      "The server asked the client to reconnect: it was shutting down, the secret that authorized the client was revoked, or an internal error occurred.",
    advice: "Nothing after a deploy or a secret rotation. Otherwise check the server's log at that time.",
  },
  4201: {
    title: "No response to a ping",
    meaning:
      "The client did not respond to a ping in time, for example a sleeping laptop, a phone without network or a frozen page.",
    advice:
      "Nothing for single connections. If many close at once, check the network and the timeouts of proxies.",
  },
  4301: {
    title: "Too many client events",
    meaning:
      "The client sent more client events per second than allowed. The events above the limit were dropped.",
    advice: "Send fewer client events, or raise “Client events per second of one connection” under Settings.",
  },
  4302: {
    title: "Watchlist too long",
    meaning: "The signed-in user's watchlist has more users than allowed.",
    advice: "Shorten the watchlist that your backend signs, or raise “Users on a watchlist” under Settings.",
  },
};

const known: { readonly [Code in number]?: CodeWords } = codeTable;

export function codeWords(code: number): CodeWords {
  return (
    known[code] ?? {
      title: "Application-defined code",
      meaning: "The client closed the connection with its own code.",
      advice: "Search for this code in the client's source.",
    }
  );
}

/** The documentation of the code; null for a code that the server does not know. */
export function pageOf(code: number): string | null {
  return known[code] === undefined ? null : errorPage.code(code);
}

/** What a stock SDK does after a close with this code. */
export function afterClose(code: number): string {
  if (code >= 4_200 && code < 4_300) return "The client reconnects immediately.";
  if (code >= 4_100 && code < 4_200) return "The client reconnects after a second.";
  if (code >= 4_000) return "The client does not reconnect by itself.";
  return code === 1_000 ? "" : "The client reconnects by itself if it is still running.";
}
