/** The log: JSON lines for machines, coloured lines on a terminal. */
import { type Logger, pino } from "pino";
import pretty from "pino-pretty";
import type { Config } from "../config/config.ts";
import { escapeControlsInJson, escapeControlsOfLines } from "./escape-controls.ts";

/** Keys whose values are never written, however deep a caller's mistake put them. */
const secretKeys = [
  "secret",
  "appSecret",
  "password",
  "token",
  "masterKey",
  "adminToken",
  "authorization",
  "cookie",
];

export function createLog(config: Config): Logger {
  const options = {
    level: config.logLevel,
    base: null,
    hooks: { streamWrite: escapeControlsOfLines },
    redact: { paths: secretKeys.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]), censor: "********" },
  };
  if (!isLogPretty(config)) return pino({ ...options, timestamp: pino.stdTimeFunctions.isoTime });
  // What prints this reads the JSON and undoes its escapes.
  const hooks = { streamWrite: escapeControlsInJson };
  return pino(
    { ...options, hooks },
    pretty({ sync: true, translateTime: "HH:MM:ss", ignore: "pid,hostname" }),
  );
}

/**
 * Whether the start may print secrets, as the first app's and the link that makes the owner's account: in development
 * alone, also through a pipe. Logs of production, and JSON, go to places that others read.
 */
export function isForPeople({ logFormat, environment }: Config): boolean {
  return environment === "development" && logFormat !== "json";
}

function isLogPretty({ logFormat, environment }: Config): boolean {
  if (logFormat !== "auto") return logFormat === "pretty";
  return process.stdout.isTTY === true && environment === "development";
}
