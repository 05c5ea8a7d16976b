/** The shapes of an app's largest senders and channels. */
import { z } from "zod";
import { count, nameSchemas, time, unanswered } from "./common.ts";
import { sender } from "./live.ts";

export const trafficQuery = z.object({
  span: z
    .enum(["live", "hour"])
    .default("live")
    .describe("live: the last 10 to 20 seconds. hour: the last 60 to 65 minutes"),
});
const rate = z.number().min(0);
const amount = z.object({
  in: count.describe("Published events, of backends and clients"),
  out: count.describe("Messages sent to connections"),
  inPerSecond: rate,
  outPerSecond: rate,
  isOutPartial: z.boolean().describe("True: some of `out` is unknown, because other nodes sent it"),
});
export const trafficAnswer = z.object({
  since: time.describe("The earliest time that the counts of any node cover"),
  channels: z.array(amount.extend({ channel: z.string() })).describe("The largest counts, at most 100"),
  senders: z.array(amount.extend({ sender })).describe("The largest counts, at most 100, by address and SDK"),
  otherChannels: amount.describe("The sum of the channels that are not listed"),
  otherSenders: amount.describe("The sum of the senders that are not listed"),
  unanswered,
});

nameSchemas({ TrafficAmount: amount, Traffic: trafficAnswer });

export type TrafficAmount = z.infer<typeof amount>;
