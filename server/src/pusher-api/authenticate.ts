/** Finds the app of a request and verifies the request's signature. The error texts are the ones that Pusher sends. */
import type { App } from "../core/apps/app.ts";
import type { AppRegistry } from "../core/apps/app-registry.ts";
import type { SecretUsers } from "../core/apps/secret-users.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Sender } from "../core/sender.ts";
import { HttpError } from "../protocol/errors.ts";
import { isMd5Of, requestStringToSign } from "../protocol/signature.ts";
import type { SignedRequest } from "./signed-request.ts";

/** The message contains the received request. Only the sender may see it. */
export class WrongSignature extends HttpError {
  readonly reason = "Invalid signature: the request was not signed with a secret of this app";
}

const toleranceS = 600;
const shownLengthMax = 128;

/**
 * `appId` comes from the path. It is null on the one route without an app id. `sender` is read only if it matters
 * who sent the request. Throws HttpError 401, 403 or 404.
 */
export type Authenticate = (request: SignedRequest, appId: string | null, sender: Sender) => App;

export function createAuthenticate(
  registry: AppRegistry,
  secretUsers: SecretUsers,
  clock: Clock,
): Authenticate {
  return function authenticate(request, appId, sender) {
    const { signing, body } = request;
    if (appId !== null && registry.byId(appId) === null) {
      throw new HttpError(404, `Could not find app by id ${appId.slice(0, shownLengthMax)}`);
    }
    const app = registry.byKey(required(signing.key, "Missing parameter: auth_key"));
    if (app === null || (appId !== null && app.id !== appId)) throw new HttpError(401, "Unknown auth_key");
    if (required(signing.version, "Version required") !== "1.0") {
      throw new HttpError(401, "Version not supported");
    }
    checkTimestamp(required(signing.timestamp, "Timestamp required"), clock.now());
    const secretId = checkSignature(registry, app, request);
    secretUsers.record(app.id, secretId, sender);
    checkBody(signing.bodyMd5, body);
    if (!app.isEnabled) throw new HttpError(403, "Application disabled");
    return app;
  };
}

function required(value: string | null, otherwise: string): string {
  if (value === null || value === "") throw new HttpError(401, otherwise);
  return value;
}

function checkTimestamp(given: string, nowMs: number): void {
  if (!/^\d{1,12}$/.test(given)) {
    throw new HttpError(401, "Invalid timestamp: auth_timestamp must be Unix time in seconds");
  }
  const givenMs = Number(given) * 1000;
  if (Math.abs(nowMs - givenMs) < toleranceS * 1000) return;
  throw new HttpError(
    401,
    `Timestamp expired: Given timestamp (${iso(givenMs)}) not within ${toleranceS}s of server time (${iso(nowMs)})`,
  );
}

function iso(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** Returns the id of the secret that made the signature. */
function checkSignature(
  registry: AppRegistry,
  app: App,
  { method, paths, signing, queryToSign }: SignedRequest,
): string {
  const signature = required(signing.signature, "Missing parameter: auth_signature");
  for (const path of paths) {
    const text = requestStringToSign(method, path, queryToSign);
    const secretId = registry.verify(app.id, "httpApi", text, signature);
    if (secretId !== null) return secretId;
  }
  const expected = JSON.stringify(requestStringToSign(method, paths[0] ?? "", queryToSign)).slice(0, 2_000);
  throw new WrongSignature(
    401,
    `Invalid signature: you should have sent HmacSHA256Hex(${expected}, your_secret_key), but you sent "${signature.slice(0, shownLengthMax)}"`,
  );
}

/** The signature covers only the hash of the body. Without this check a body could be replaced. */
function checkBody(given: string | null, body: string): void {
  if (given === null) {
    if (body.length > 0) throw new HttpError(401, "Missing parameter: body_md5, the MD5 of the body in hex");
    return;
  }
  if (!isMd5Of(body, given)) {
    throw new HttpError(401, "Invalid signature: body_md5 is not the MD5 of the received body");
  }
}
