/** The types of recent errors and of a connection's timeline. */
import { z } from "zod";
import type { closeCodes, eventCodes } from "../../protocol/errors.ts";
import { connection, rememberedSince } from "./channels.ts";
import { nodeOf, time, unanswered } from "./common.ts";
import { connectionClosed, connectionOpened, connectionStep, errorEntry } from "./live.ts";

export const errorsAnswer = z.object({
  errors: z
    .array(z.intersection(errorEntry, z.object({ node: nodeOf })))
    .describe(
      "Messages, handshakes and API requests that were refused, the latest first: at most 100, and 20 of requests that did not prove to be the app's",
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
  channelPattern: z.string().nullable().describe("The channel, with `*` for what differs"),
  reasonPattern: z.string().describe("The reason, with `*` for what differs"),
  sdk: z.string().nullable().describe("The SDK that the senders named"),
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
        errors: z.int().describe("How many errors it stands for"),
      }),
    )
    .describe("The newest errors of the group, the latest first"),
});
export const errorGroupsAnswer = z.object({
  groups: z.array(errorGroup).describe("The group with the latest error first"),
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
  connection: connection.nullable().describe("As it is now; null if it has closed"),
  node: nodeOf,
});

export type ErrorGroup = z.infer<typeof errorGroup>;
export type Timeline = z.infer<typeof timeline>;
export type TimelineAnswer = z.infer<typeof timelineAnswer>;
/** The numbers of the Pusher protocol that stand in `code`; other closes have those of RFC 6455. */
export type PusherCode =
  | (typeof closeCodes)[keyof typeof closeCodes]
  | (typeof eventCodes)[keyof typeof eventCodes];
