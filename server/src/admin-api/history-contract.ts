/** The shapes of what the server remembers for a while: errors, and what a connection did. */
import { z } from "zod";
import { time } from "./contract.ts";
import { connectionClosed, connectionOpened, connectionStep, errorEntry } from "./live-contract.ts";

export const rememberedSince = time.describe(
  "Nothing since then is missing; what was before is forgotten. In the memory of the node that answers",
);

export const errorsAnswer = z.object({
  errors: z
    .array(errorEntry)
    .describe("Messages, handshakes and API requests that were refused, at most 100"),
  rememberedSince,
});

const timeline = z.object({
  opened: connectionOpened,
  steps: z.array(connectionStep).describe("In order; what a close ends by itself is not told again"),
  closed: connectionClosed.nullable().describe("Null where the connection is open"),
  lastPing: z
    .object({ at: time, isAnswered: z.boolean() })
    .nullable()
    .describe("The server's last WebSocket ping; null where there was none, or the connection is closed"),
  rememberedSince,
  isWhole: z.boolean().describe("No step of this connection was forgotten"),
});
export const timelineAnswer = z.object({ timeline });

export type Timeline = z.infer<typeof timeline>;
