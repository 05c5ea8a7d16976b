/** Creates the log: JSON lines, or colored lines on a terminal. */
import { type Logger, pino } from "pino";
import pretty from "pino-pretty";
import type { Config } from "../config/config.ts";
import { logFields } from "../net/request-context.ts";
import { escapeControlsInJson, escapeControlsOfLines } from "./escape-controls.ts";

/** Keys whose values are masked in the fields of a record and two levels below, in case a caller logs them by mistake. */
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
    base: config.nodeName === null ? null : { node: config.nodeName },
    mixin: logFields,
    hooks: { streamWrite: escapeControlsOfLines },
    redact: { paths: secretKeys.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]), censor: "********" },
  };
  if (!isLogPretty(config)) return pino({ ...options, timestamp: pino.stdTimeFunctions.isoTime });
  // The pretty printer parses the JSON and so decodes its escapes.
  const hooks = { streamWrite: escapeControlsInJson };
  return pino(
    { ...options, hooks },
    pretty({
      sync: true,
      translateTime: "HH:MM:ss",
      ignore: "node",
      messageFormat: "{if node}{node}: {end}{msg}",
    }),
  );
}

/**
 * Whether the start may print secrets, such as the first app's secret and the link that creates the owner's account. Only in
 * development, also into a pipe. Production logs and JSON logs are often stored where other people read them.
 */
export function isForPeople({ logFormat, environment }: Config): boolean {
  return environment === "development" && logFormat !== "json";
}

function isLogPretty({ logFormat, environment }: Config): boolean {
  if (logFormat !== "auto") return logFormat === "pretty";
  return process.stdout.isTTY === true && environment === "development";
}
