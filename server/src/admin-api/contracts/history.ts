/** The types of recent errors and of a connection's timeline. */
import { z } from "zod";
import type { closeCodes, eventCodes } from "../../protocol/errors.ts";
import { connection } from "./channels.ts";
import { nameSchemas, nodeOf, rememberedSince, time, unanswered } from "./common.ts";
import { connectionClosed, connectionOpened, connectionStep, errorEntry } from "./live.ts";

export const errorsAnswer = z.object({
  errors: z
    .array(errorEntry)
    .describe(
      "Refused messages, handshakes and API requests, newest first: at most 100, and at most 20 unauthenticated API requests",
    ),
  rememberedSince,
  unanswered,
});

const affected = z.object({
  count: z.int().min(0),
  isAtLeast: z.boolean().describe("True if there may be more"),
  some: z.array(z.string()),
});
const errorGroup = z.object({
  id: z.string(),
  type: z.enum(["message_refused", "handshake_refused", "api_request", "api_request_refused"]),
  code: z.int().nullable().describe("The protocol's code, or the HTTP status of an API request"),
  route: z.string().nullable().describe("The method and route of an API request"),
  channelPattern: z.string().nullable().describe("The channel's name, with `*` for the parts that differ"),
  reasonPattern: z.string().describe("The reason, with `*` for the parts that differ"),
  sdk: z.string().nullable().describe("The SDK that the senders reported"),
  errors: z.int().describe("In the last seven days"),
  firstAt: time,
  lastAt: time,
  lastHours: z.array(z.int()).describe("Errors in each of the last 24 hours (UTC), the running one last"),
  sockets: affected,
  addresses: affected,
  newest: z
    .array(
      z.object({
        id: z.string(),
        at: time,
        reason: z.string(),
        channel: z.string().nullable(),
        socketId: z.string().nullable(),
        address: z.string(),
        sdk: z.string().nullable(),
        errors: z.int().describe("The number of errors that this entry represents"),
      }),
    )
    .describe("The group's newest errors, newest first"),
});
export const errorGroupsAnswer = z.object({
  groups: z.array(errorGroup).describe("Most recent error first"),
  unanswered,
});

const timeline = z.object({
  opened: connectionOpened,
  steps: z.array(connectionStep).describe("In order; a close does not list the subscriptions that it ends"),
  closed: connectionClosed.nullable().describe("Null if the connection is open"),
  lastPing: z
    .object({ at: time, isAnswered: z.boolean() })
    .nullable()
    .describe("The server's last WebSocket ping; null if there was none or the connection is closed"),
  rememberedSince,
  isWhole: z.boolean().describe("True if no step of this connection is missing"),
});
export const timelineAnswer = z.object({
  timeline,
  connection: connection.nullable().describe("Its current state; null if it has closed"),
  node: nodeOf,
});

nameSchemas({ ErrorGroup: errorGroup, Timeline: timeline, TimelineAnswer: timelineAnswer });

export type ErrorGroup = z.infer<typeof errorGroup>;
export type Timeline = z.infer<typeof timeline>;
export type TimelineAnswer = z.infer<typeof timelineAnswer>;
/** The close codes of the Pusher protocol in `code`; other closes have codes of RFC 6455. */
export type PusherCode =
  | (typeof closeCodes)[keyof typeof closeCodes]
  | (typeof eventCodes)[keyof typeof eventCodes];
