/** The codes of closes and errors in words: the one place that has them. */
import type { PusherCode } from "../../../server/src/admin-api/contracts/history.ts";

export interface CodeWords {
  readonly title: string;
  readonly meaning: string;
  readonly advice: string;
}

/** Those of RFC 6455 that a connection can end with. */
type WebSocketCode = 1000 | 1001 | 1002 | 1003 | 1005 | 1006 | 1007 | 1009;

const table: { readonly [Code in PusherCode | WebSocketCode]: CodeWords } = {
  1000: {
    title: "Closed by the client",
    meaning: "The client said goodbye, as pusher.disconnect() does.",
    advice: "Nothing: this is how a connection should end.",
  },
  1001: {
    title: "The page was left",
    meaning: "The browser closed the page or went to another one.",
    advice: "Nothing: this is how most visits end.",
  },
  1002: {
    title: "Broken WebSocket frames",
    meaning: "One side sent what WebSocket does not allow.",
    advice: "Look for a proxy between client and server that changes the traffic.",
  },
  1003: {
    title: "Data of an unwanted kind",
    meaning: "One side sent a kind of data that the other does not take.",
    advice: "Send JSON in text frames, as every Pusher SDK does.",
  },
  1005: {
    title: "Closed without a code",
    meaning: "The client closed the connection and gave no reason.",
    advice: "Nothing, unless it happens often: then look at what the client does just before.",
  },
  1006: {
    title: "The connection broke off",
    meaning:
      "No goodbye came: the network went away, the client was killed, or it read too slowly and was cut.",
    advice: "One by one this is daily life. Many at once point to a proxy's timeout or to the network.",
  },
  1007: {
    title: "Text that is not UTF-8",
    meaning: "The client sent a text frame with bytes that are not text.",
    advice: "Send JSON as UTF-8; encode binary data, for example as base64.",
  },
  1009: {
    title: "Message too big",
    meaning: "The client sent more in one message than the server takes.",
    advice: "Send less at once, or send a link to the data.",
  },
  4001: {
    title: "App not found",
    meaning: "No app here has the key that the client gave, or the app was deleted.",
    advice: "Compare the client's key with the one under Settings, and its host with this server.",
  },
  4003: {
    title: "App disabled",
    meaning: "The app is switched off, so it takes no connections.",
    advice: "Enable it under Settings, then let the clients connect again.",
  },
  4004: {
    title: "Too many connections",
    meaning: "The app had as many connections as its limit allows.",
    advice: "Raise “Connections, at most” under Settings, or find out who opens so many.",
  },
  4005: {
    title: "Wrong path",
    meaning: "The client connected to a path that is not /app/KEY.",
    advice: "Look at the client's wsPath and at the path that a proxy in between passes on.",
  },
  4006: {
    title: "Unreadable version",
    meaning: "The protocol or SDK version in the URL is not one.",
    advice: "Use a Pusher SDK, or put protocol=7 in the URL.",
  },
  4007: {
    title: "Unsupported protocol",
    meaning: "The client speaks a version of the Pusher protocol that this server does not.",
    advice: "Use an SDK that speaks protocol 5, 6 or 7: all that are maintained do.",
  },
  4008: {
    title: "No protocol version",
    meaning: "The URL does not say which version of the protocol the client speaks.",
    advice: "Use a Pusher SDK, or put protocol=7 in the URL.",
  },
  4009: {
    title: "Not allowed",
    meaning:
      "The connection was ended on purpose: its origin is not allowed, it did not sign in in time, or an administrator or a backend closed it.",
    advice: "The reason above says which. Allowed origins and the time to sign in are under Settings.",
  },
  4200: {
    title: "Asked to reconnect",
    meaning:
      "The server sent the client away for a moment: it was going down, the secret that let the client in was revoked, or something failed inside.",
    advice: "Nothing after a deploy or a rotation. Otherwise look at the server's log at that time.",
  },
  4201: {
    title: "No answer to a ping",
    meaning: "The client was silent for too long: a sleeping laptop, a phone without network, a frozen page.",
    advice: "One by one this is daily life. Many at once point to a proxy's timeout or to the network.",
  },
  4301: {
    title: "Client events too fast",
    meaning: "The client sent more client events a second than allowed; those above the limit were dropped.",
    advice: "Send them less often, or raise “Client events per second, at most” under Settings.",
  },
  4302: {
    title: "Watchlist too long",
    meaning: "The user who signed in watches more users than allowed.",
    advice:
      "Shorten the watchlist that your backend signs, or raise “Watchlist length, at most” under Settings.",
  },
};

const known: { readonly [Code in number]?: CodeWords } = table;

export function codeWords(code: number): CodeWords {
  return (
    known[code] ?? {
      title: "A code of its own",
      meaning: "The client closed the connection with a code that only it can explain.",
      advice: "Look for this code in the client's program.",
    }
  );
}

/** What a stock SDK does after a close with this code. */
export function afterClose(code: number): string {
  if (code >= 4_200 && code < 4_300) return "The client reconnects at once.";
  if (code >= 4_100 && code < 4_200) return "The client reconnects after a second.";
  if (code >= 4_000) return "The client does not come back by itself.";
  return code === 1_000 ? "" : "The client reconnects by itself, unless it is gone.";
}
