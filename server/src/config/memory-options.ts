/** Limits of the memory that the server uses for apps, in bytes: for one app and for all apps together. */
import { z } from "zod";
import { list, number, numberSchema, type Option, option } from "./option.ts";

const mebibyte = 1_048_576;
const shareLeast = 32 * mebibyte;
/** About 280,000 subscriptions: most servers have one large app. */
const subscriptionBytesOfApp = 256 * mebibyte;
const bytesMost = 1_000_000 * mebibyte;

export const memoryOptions = {
  historyBytesMax: bytes(
    128,
    "Bytes of the stored events of all apps; an app without space for another event drops its oldest. With redisUrl they are in Redis",
  ),
  historyBytesPerAppMax: bytes(32, "Bytes of the stored events of one app"),
  subscriptionBytesMax: shareOfMemory(
    { share: 0.25, most: bytesMost },
    "Estimated bytes of all subscriptions and signed-in users with their data; more are refused",
  ),
  subscriptionBytesPerAppMax: shareOfMemory(
    { share: 0.1, most: subscriptionBytesOfApp },
    "Estimated bytes of one app's subscriptions and signed-in users with their data; more are refused",
  ),
  idempotencyBytesMax: bytes(
    32,
    "Bytes of the stored answers to requests with an idempotency key, of all apps; the app with the most drops its oldest",
  ),
  idempotencyBytesPerAppMax: bytes(
    8,
    "Bytes of the stored answers to requests with an idempotency key, of one app",
  ),
  publishLogBytesMax: bytes(
    32,
    "Estimated bytes of the kept publishes of all apps (publishLogMax); the app with the most drops its oldest",
  ),
  publishLogBytesPerAppMax: bytes(4, "Estimated bytes of the kept publishes of one app"),
  settingCeilings: list(
    z.string().regex(/^[A-Za-z]+=\d{1,15}$/),
    "a list of app settings with their maximum, such as eventPayloadBytesMax=65536,connectionsMax=500",
    "Upper limits for the settings of all apps",
  ),
} as const;

function shareOfMemory({ share, most }: { share: number; most: number }, help: string): Option<number> {
  const atMost = most === bytesMost ? "" : ` and at most ${most / mebibyte} MiB`;
  return option(numberSchema(65_536, bytesMost), `a whole number from 65536 to ${bytesMost}`, help, {
    default: ({ memoryBytes }) => Math.min(most, Math.max(shareLeast, Math.floor(memoryBytes * share))),
    defaultText: `${share * 100} % of the memory limit of its container (cgroup), or else of the machine's memory; at least 32 MiB${atMost}`,
  });
}

function bytes(mebibytes: number, help: string) {
  return number(mebibytes * mebibyte, 65_536, bytesMost, help);
}
