/** What the server keeps in memory for apps, in bytes: an app's part, and all apps together. */
import { z } from "zod";
import { list, number, numberSchema, type Option, option } from "./option.ts";

const mebibyte = 1_048_576;
const shareLeast = 32 * mebibyte;
const bytesMost = 1_000_000 * mebibyte;

export const memoryOptions = {
  historyBytesMax: bytes(
    128,
    "Bytes of events kept for cache channels, of all apps; an app that has no room for one more drops its oldest. With redisUrl they are in Redis",
  ),
  historyBytesPerAppMax: bytes(32, "Bytes of events kept for cache channels, of one app"),
  subscriptionBytesMax: shareOfMemory(
    0.25,
    "Bytes, about, of all subscriptions and signed-in users with their data; more are refused",
  ),
  subscriptionBytesPerAppMax: shareOfMemory(
    0.15,
    "Bytes, about, of one app's subscriptions and signed-in users with their data; more are refused",
  ),
  idempotencyBytesMax: bytes(
    32,
    "Bytes of answers kept for requests with an idempotency key, of all apps; the app that has most drops its oldest",
  ),
  idempotencyBytesPerAppMax: bytes(
    16,
    "Bytes of answers kept for requests with an idempotency key, of one app",
  ),
  settingCeilings: list(
    z.string().regex(/^[A-Za-z]+=\d{1,15}$/),
    "a list of settings of apps with the most that any app may have, such as eventPayloadBytesMax=65536,connectionsMax=500",
    "What no app has more of, whatever its own settings say",
  ),
} as const;

function shareOfMemory(share: number, help: string): Option<number> {
  return option(numberSchema(65_536, bytesMost), `a whole number from 65536 to ${bytesMost}`, help, {
    default: ({ memoryBytes }) => Math.max(shareLeast, Math.floor(memoryBytes * share)),
    defaultText: `${share * 100} % of what its container (cgroup) may use, else of the machine's memory; at least 32 MiB`,
  });
}

function bytes(mebibytes: number, help: string) {
  return number(mebibytes * mebibyte, 65_536, bytesMost, help);
}
