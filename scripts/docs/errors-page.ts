/** The page of all error and close codes. */
import { afterClose, codeTable } from "../../dashboard/src/connections/code-words.ts";
import { refusals } from "../../server/src/core/refusal.ts";
import type { SubscriptionRefused } from "../../server/src/protocol/errors.ts";
import { adminErrorWords, type ErrorWords } from "./admin-error-words.ts";

/** Errors without a code, by a part of their text. A test checks that the server has each text. */
export const messageErrors: Readonly<Record<string, ErrorWords>> = {
  "Existing subscription to channel": {
    meaning: "The connection is already subscribed to this channel.",
    advice: "Subscribe once for each connection.",
  },
  "No current subscription to channel": {
    meaning: "The client unsubscribed from a channel to which it is not subscribed.",
    advice: "Nothing, unless it happens often.",
  },
  "To send client events, you must enable this feature": {
    meaning: "The app does not allow client events.",
    advice: "Set `clientEventsEnabled`, for the app or for some channels by a channel rule.",
  },
  "only supported on private and presence channels": {
    meaning: "A client sent an event on a public channel.",
    advice: "Use a private or presence channel, or publish from your backend.",
  },
  "no current subscription to channel": {
    meaning: "A client sent an event on a channel to which it is not subscribed.",
    advice: "Wait for `pusher:subscription_succeeded` before you send.",
  },
  "This connection is already signed in as another user": {
    meaning: "The connection is already signed in as a user, and cannot sign in as another one.",
    advice: "Disconnect and connect again to change the user.",
  },
  "Binary frames are not supported": {
    meaning: "The client sent a binary WebSocket frame.",
    advice: "Send JSON in text frames, as every Pusher SDK does.",
  },
  "A message must": {
    meaning: "The client sent something that is not a message of the protocol.",
    advice: "Compare it with the wire protocol.",
  },
  "Unknown event": {
    meaning: "Clients may not send an event of this name.",
    advice: "Begin the names of your own events with `client-`.",
  },
  ": data": {
    meaning: "A field in the data of the message is missing or has a wrong type.",
    advice: "Compare it with the wire protocol.",
  },
  "must be valid JSON": {
    meaning: "The message, or its data, is not JSON.",
    advice: "Send JSON in text frames, as every Pusher SDK does.",
  },
  "a client event must have a channel": {
    meaning: "The client sent a client event without a channel.",
    advice: "Send it on a channel: `channel.trigger` in pusher-js.",
  },
  "nested too deeply": {
    meaning: "The JSON of an event's data or of `user_info` has too many levels.",
    advice: "Send data with fewer levels.",
  },
  "the name may have at most": {
    meaning: "The name of a client event is too long.",
    advice: "Use a shorter name, or raise `eventNameLengthMax`.",
  },
  "the data may be at most": {
    meaning: "The data of a client event is too large.",
    advice: "Send less, or raise `eventPayloadBytesMax`.",
  },
  "Dropped:": {
    meaning: "The connection sent too many messages, and the server dropped this number of them.",
    advice: "Send fewer messages, or raise `messagesPerSecondMax`.",
  },
  "Invalid signature": {
    meaning: "The signature of `pusher:signin` is missing or wrong.",
    advice:
      "The message contains the text that must be signed. The backend must have the app's current key and secret, and sign the socket id of this connection.",
  },
  "Invalid key in": {
    meaning: "The signature of `pusher:signin` was made with the key of another app.",
    advice: "Give the backend the key and secret of the app to which the client connects.",
  },
  user_data: {
    meaning:
      "The `user_data` of `pusher:signin` is too large, or a field of it is missing or has a wrong type.",
    advice: "Correct what the message names in the backend that signs the user.",
  },
  "signed-in users need more memory": {
    meaning: "The users that are signed in to the app need more memory than the server allows.",
    advice: "Add a node, or raise the option that the message names.",
  },
};

const subscriptionErrors: { readonly [Type in SubscriptionRefused["type"]]: ErrorWords } = {
  AuthError: {
    meaning: "The signature, the key in it or the signed data is wrong or missing. The status is 401.",
    advice:
      "Read `error`: it contains the text that must be signed. The backend must have the app's current key and secret, and sign the socket id of this connection.",
  },
  LimitReached: {
    meaning:
      "The channel is full or the connection has too many channels (403), the signed data is too long (413), or the app's subscriptions need too much memory (503).",
    advice: "Read `error`: it names the limit and its setting, if there is one.",
  },
  InvalidChannel: {
    meaning: "The channel's name is too long or has a character that is not allowed. The status is 400.",
    advice: "Use letters, digits and `_ - = @ , . ;`, and no `#`.",
  },
};

const httpStatuses: Readonly<Record<number, ErrorWords>> = {
  400: {
    meaning:
      "A parameter is missing or wrong, or a channel rule forbids backends to publish to this channel.",
    advice: "Read the body: it names the parameter.",
  },
  401: {
    meaning: "The signature of the request is missing or wrong.",
    advice:
      "`Unknown auth_key`: the key is not that of the app in the path. `Timestamp expired`: the clocks differ by more than 600 seconds. `Invalid signature`: the body contains the text that must be signed. Compare this text and the secret with those of your backend.",
  },
  403: {
    meaning: "The app is disabled.",
    advice: "Enable it in the dashboard or with `soketify app update`.",
  },
  404: {
    meaning:
      "No app has the id in the path, or there is no such path. Below `/pusher/app/`: the session has ended, or `httpFallbackEnabled` is false.",
    advice: "Check the app id and the host of the SDK.",
  },
  405: {
    meaning: "The path exists, but not with this method.",
    advice: "The Allow header names the method.",
  },
  408: {
    meaning: "The body of the request did not arrive in time.",
    advice: "Check the network between the backend and the server, and send smaller bodies.",
  },
  413: {
    meaning: "The data of an event, or the whole body, is too large.",
    advice: "Send less, or raise `eventPayloadBytesMax` or `SOKETIFY_HTTP_BODY_BYTES_MAX`.",
  },
  429: {
    meaning: "The app sends more requests per second than its setting allows.",
    advice: "Wait for the seconds in Retry-After, or raise the setting.",
  },
  431: {
    meaning:
      "The URL and the headers have more than 16 KiB. The response has no body and no `Soketify-Help`.",
    advice: "Send fewer parameters and headers.",
  },
  500: { meaning: "The server failed. This is a bug.", advice: "Read the server's log, and report it." },
  503: {
    meaning:
      "Redis is unreachable, and the server is configured to refuse requests that need it (`clusterLoss`).",
    advice: "Try again after Retry-After, with the same Idempotency-Key.",
  },
};

const handshakeStatuses: Readonly<Record<number, ErrorWords>> = {
  426: {
    meaning: "The request is not a WebSocket handshake.",
    advice: "A proxy must use HTTP/1.1 and forward the Upgrade and Connection headers.",
  },
  429: {
    meaning: "The address has too many connections, or opens too many per second.",
    advice:
      "Behind a proxy, set `SOKETIFY_TRUSTED_PROXIES`: otherwise all clients have the proxy's address. Without a proxy, raise `SOKETIFY_CONNECTIONS_PER_IP_MAX` or `SOKETIFY_HANDSHAKES_PER_IP_PER_SECOND_MAX`.",
  },
  503: {
    meaning: "The server has reached its maximum of connections, memory or open files.",
    advice: "Add a node, or raise the limit that the body names. `soketify doctor` checks the open files.",
  },
};

export function errorsPage(): string {
  return `# Errors and close codes

<!-- Written by \`npm run docs\` from scripts/docs/errors-page.ts and the lists of codes that the server uses. -->

Each code has its own section on this page. The server names the section in its errors, such as \`docs/reference/errors.md#http-401\`:

- responses of both HTTP APIs and to WebSocket handshakes, in the header \`Soketify-Help\`,
- errors of the admin API, also in the field \`help\`,
- commands, in their output, and the dashboard, beside an error.

Events of the Pusher protocol do not contain it, because they are the same as Pusher's. Find them by their code.

## Close and error codes of a connection

The server sends an event \`pusher:error\` with the code and a message, and then closes the connection with the same code. After a code 43xx the connection stays open.

${Object.entries(codeTable)
  .map(([code, { title, meaning, advice }]) => {
    const number = Number(code);
    const next = number >= 4_300 ? "The connection stays open." : afterClose(number);
    return part(`Code ${code}`, { meaning: `**${title}.** ${meaning} ${next}`.trim(), advice });
  })
  .join("\n")}
## Errors of a message

These errors have the code null. One message was refused, and the connection stays open.

${table("part of the message", Object.entries(messageErrors))}

## Errors of a subscription

If a subscription is refused, the client receives \`pusher:subscription_error\` on the channel, with \`type\`, \`error\` and \`status\`. For other SDKs the server also sends
\`pusher_internal:subscription_error\` and \`pusher:error\`.

${parts("", subscriptionErrors)}
## Responses to a WebSocket handshake

Errors of the app or of the protocol are sent over the opened connection, because browsers do not show the response to a handshake to the page. Only these errors are responses to the handshake:

${parts("Handshake ", handshakeStatuses)}
## Statuses of the HTTP API

The body is plain text and describes the error.

${parts("HTTP ", httpStatuses)}
## Codes of the admin API

An error is a problem of RFC 9457 (\`application/problem+json\`). \`code\` is one of the codes below, which do not change between releases. \`detail\` is a text for people.

${Object.entries(adminErrorWords)
  .map(([code, words]) => {
    const status = refusals[code as keyof typeof refusals];
    return part(code, { ...words, meaning: `Status ${status}. ${words.meaning}` });
  })
  .join("\n")}`;
}

function parts(prefix: string, words: Readonly<Record<string, ErrorWords>>): string {
  return Object.entries(words)
    .map(([name, each]) => part(`${prefix}${name}`, each))
    .join("\n");
}

function part(heading: string, { meaning, advice }: ErrorWords): string {
  return `### ${heading}\n\n${meaning}\n\nWhat to do: ${advice}\n`;
}

function table(first: string, rows: readonly (readonly [string, ErrorWords])[]): string {
  const lines = rows.map(([name, { meaning, advice }]) => `| \`${name}\` | ${meaning} | ${advice} |`);
  return [`| ${first} | meaning | what to do |`, "| --- | --- | --- |", ...lines].join("\n");
}
