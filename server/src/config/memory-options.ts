/** What the server keeps in memory for apps, in bytes: an app's part, and all apps together. */
import { number } from "./option.ts";

const mebibyte = 1_048_576;
const bytesMost = 1_000_000 * mebibyte;

export const memoryOptions = {
  historyBytesMax: bytes(
    128,
    "Bytes of events kept for cache channels, of all apps; an app that has no room for one more drops its oldest. With redisUrl they are in Redis",
  ),
  historyBytesPerAppMax: bytes(32, "Bytes of events kept for cache channels, of one app"),
  idempotencyBytesMax: bytes(
    32,
    "Bytes of answers kept for requests with an idempotency key, of all apps; the app that has most drops its oldest",
  ),
  idempotencyBytesPerAppMax: bytes(
    16,
    "Bytes of answers kept for requests with an idempotency key, of one app",
  ),
} as const;

function bytes(mebibytes: number, help: string) {
  return number(mebibytes * mebibyte, 65_536, bytesMost, help);
}
