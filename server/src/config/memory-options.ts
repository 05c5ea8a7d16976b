/** Limits of the memory that the server uses for apps, in bytes: for one app and for all apps together. */
import { z } from "zod";
import { list, number, numberSchema, type Option, option } from "./option.ts";

const mebibyte = 1_048_576;
const shareLeast = 32 * mebibyte;
const bytesMost = 1_000_000 * mebibyte;

export const memoryOptions = {
  historyBytesMax: bytes(
    128,
    "Bytes of the stored events of all apps; an app without space for another event drops its oldest. With redisUrl they are in Redis",
  ),
  historyBytesPerAppMax: bytes(32, "Bytes of the stored events of one app"),
  subscriptionBytesMax: shareOfMemory(
    0.25,
    "Estimated bytes of all subscriptions and signed-in users with their data; more are refused",
  ),
  subscriptionBytesPerAppMax: shareOfMemory(
    0.15,
    "Estimated bytes of one app's subscriptions and signed-in users with their data; more are refused",
  ),
  idempotencyBytesMax: bytes(
    32,
    "Bytes of the stored answers to requests with an idempotency key, of all apps; the app with the most drops its oldest",
  ),
  idempotencyBytesPerAppMax: bytes(
    16,
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

function shareOfMemory(share: number, help: string): Option<number> {
  return option(numberSchema(65_536, bytesMost), `a whole number from 65536 to ${bytesMost}`, help, {
    default: ({ memoryBytes }) => Math.max(shareLeast, Math.floor(memoryBytes * share)),
    defaultText: `${share * 100} % of the memory limit of its container (cgroup), or else of the machine's memory; at least 32 MiB`,
  });
}

function bytes(mebibytes: number, help: string) {
  return number(mebibytes * mebibyte, 65_536, bytesMost, help);
}
