/** Reads soketi's JSON config. Each key is imported or named in a note, so that no setting is lost silently. */
import { z } from "zod";

export interface SoketiConfig {
  /** By dotted path, such as `appManager.driver`. */
  readonly values: ReadonlyMap<string, unknown>;
  readonly apps: readonly unknown[];
}

export class SoketiUnusable extends Error {}

/** soketi's server settings, and the name of the option in Soketify. */
const optionNames: Readonly<Record<string, string>> = {
  host: "SOKETIFY_HOST",
  port: "SOKETIFY_PORT",
  pathPrefix: "SOKETIFY_PATH_PREFIX",
  "ssl.certPath": "SOKETIFY_TLS_CERT_FILE",
  "ssl.keyPath": "SOKETIFY_TLS_KEY_FILE",
  "cors.origin": "SOKETIFY_CORS_ORIGINS",
  "metrics.port": "SOKETIFY_METRICS_PORT",
  "httpApi.requestLimitInMb": "SOKETIFY_HTTP_BODY_BYTES_MAX",
  "httpApi.acceptTraffic.memoryThreshold": "SOKETIFY_MEMORY_BYTES_MAX",
  shutdownGracePeriod: "SOKETIFY_DRAIN_MS",
  userAuthenticationTimeout: "the app's setting authorizationTimeoutMs",
  debug: "SOKETIFY_LOG_LEVEL",
};

/** Settings that the import itself reads: see soketi-apps.ts, and import-soketi.ts for the database. */
const taken =
  /^(appManager|database\.(mysql|postgres)|channelLimits\.maxNameLength|webhooks\.batching\.enabled)(\.|$)|^(eventLimits\.max|presence\.max)/;

/** @throws SoketiUnusable if the text is not a JSON object */
export function readSoketiConfig(text: string): SoketiConfig {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch (error) {
    throw new SoketiUnusable(`It is not valid JSON: ${error instanceof Error ? error.message : error}`);
  }
  const object = z.record(z.string(), z.unknown()).safeParse(given);
  if (!object.success) throw new SoketiUnusable("It must be an object, as soketi's config.json is");
  const values = new Map<string, unknown>();
  flatten(object.data, "", values);
  const apps = values.get("appManager.array.apps") ?? [];
  if (!Array.isArray(apps)) throw new SoketiUnusable("appManager.array.apps must be a list");
  return { values, apps };
}

/** A sentence for each server setting, because an import does not set them. */
export function serverNotes({ values }: SoketiConfig): string[] {
  return [...values.keys()]
    .filter((path) => !taken.test(path))
    .map((path) => {
      const name = optionNames[path];
      return name === undefined
        ? `${path} has no counterpart`
        : `${path} is not imported: set ${name} instead`;
    });
}

/** Keys may be nested or dotted. */
function flatten(object: object, prefix: string, values: Map<string, unknown>): void {
  for (const [key, value] of Object.entries(object)) {
    const path = `${prefix}${key}`;
    if (typeof value === "object" && value !== null && !Array.isArray(value))
      flatten(value, `${path}.`, values);
    else values.set(path, value);
  }
}
