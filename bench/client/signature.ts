/** Signs requests as an app's backend. It shares no code with the server, so that a server bug is not repeated here. */
import type { Credentials } from "./light-client.ts";

export interface App {
  readonly id: string;
  readonly key: string;
  readonly secret: string;
}

export function channelCredentials(
  app: App,
  socketId: string,
  channel: string,
  channelData?: string,
): Credentials {
  const tail = channelData === undefined ? "" : `:${channelData}`;
  const auth = `${app.key}:${hmac(app, `${socketId}:${channel}${tail}`)}`;
  return channelData === undefined ? { auth } : { auth, channelData };
}

/** A complete HTTP/1.1 request of the HTTP API. `path` is the part after `/apps/ID`; `timestampS` is in Unix seconds. */
export function signedRequest(
  app: App,
  method: "GET" | "POST",
  path: string,
  body = "",
  timestampS = Math.floor(Date.now() / 1000),
): string {
  const head = `${method} ${signedPath(app, method, path, body, timestampS)} HTTP/1.1\r\nHost: 127.0.0.1\r\n`;
  if (body === "") return `${head}\r\n`;
  return `${head}Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

/** The signed path with its query, for a caller that makes the request itself. A query in `path` must sort after the auth parameters. */
export function signedPath(
  app: App,
  method: "GET" | "POST",
  path: string,
  body = "",
  timestampS = Math.floor(Date.now() / 1000),
): string {
  const [name = "", more] = path.split("?");
  const whole = `/apps/${app.id}${name}`;
  const md5 = body === "" ? "" : `&body_md5=${new Bun.CryptoHasher("md5").update(body).digest("hex")}`;
  const query = `auth_key=${app.key}&auth_timestamp=${timestampS}&auth_version=1.0${md5}${more === undefined ? "" : `&${more}`}`;
  return `${whole}?${query}&auth_signature=${hmac(app, `${method}\n${whole}\n${query}`)}`;
}

function hmac(app: App, text: string): string {
  return new Bun.CryptoHasher("sha256", app.secret).update(text).digest("hex");
}
