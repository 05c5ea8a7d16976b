/** Hand-written signed HTTP API requests, so that a test can make any part of them wrong. */
import { createHash, createHmac } from "node:crypto";
import type { Credentials } from "../start-server.ts";

export interface RequestParts {
  readonly method: string;
  readonly path: string;
  /** Sent percent-encoded, signed unencoded. A list is sent as its repeated name (`channels[]`). */
  readonly query?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string;
  /** In seconds; default: the current time. */
  readonly timestampS?: number;
  /** Overrides of the signing parameters; null leaves one out. */
  readonly signing?: Readonly<Record<string, string | null>>;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
}

/** The path with its signed query, as official SDKs build it. */
export function signedPath(app: Credentials, parts: RequestParts): string {
  const entries: [string, string | readonly string[] | null][] = [
    ["auth_key", app.key],
    ["auth_timestamp", String(parts.timestampS ?? Math.floor(Date.now() / 1000))],
    ["auth_version", "1.0"],
    ["body_md5", parts.body ? createHash("md5").update(parts.body).digest("hex") : null],
    ...Object.entries(parts.query ?? {}),
  ];
  const all = new Map(entries);
  for (const [name, value] of Object.entries(parts.signing ?? {})) all.set(name, value);
  const query = [...all].flatMap(([name, value]) =>
    value === null ? [] : [value].flat().map((one): [string, string] => [name, one]),
  );
  const unsigned = query
    .filter(([name]) => name !== "auth_signature")
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  const toSign = `${parts.method}\n${parts.path}\n${unsigned.map(([name, value]) => `${name}=${value}`).join("&")}`;
  const signature = all.get("auth_signature") ?? sign(app.secret, toSign);
  const sent = unsigned.map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  if (all.get("auth_signature") !== null) sent.push(`auth_signature=${signature}`);
  return `${parts.path}?${sent.join("&")}`;
}

export function sign(secret: string, text: string): string {
  return createHmac("sha256", secret).update(text).digest("hex");
}

export async function request(url: string, init: RequestInit = {}): Promise<Answer> {
  const answer = await fetch(url, init);
  return { status: answer.status, text: await answer.text(), headers: answer.headers };
}
