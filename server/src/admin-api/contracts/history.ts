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
  connection: connection.nullable().describe("As it is now; null where it has closed"),
  node: nodeOf,
});

export type Timeline = z.infer<typeof timeline>;
export type TimelineAnswer = z.infer<typeof timelineAnswer>;
/** The numbers of the Pusher protocol that stand in `code`; other closes have those of RFC 6455. */
export type PusherCode =
  | (typeof closeCodes)[keyof typeof closeCodes]
  | (typeof eventCodes)[keyof typeof eventCodes];
