/** A connection says whose it is: `pusher:signin`. */
import type { App } from "../core/app.ts";
import type { AppRegistry } from "../core/app-registry.ts";
import type { Connection, SignedInUser } from "../core/connection.ts";
import type { Hub } from "../core/hub.ts";
import type { Pending } from "../core/ports/line.ts";
import { serverToUserId } from "../protocol/channel-name.ts";
import type { ClientMessage } from "../protocol/client-message.ts";
import { EventRefused, eventCodes } from "../protocol/errors.ts";
import { jsonText } from "../protocol/json-text.ts";
import { errorFrame, signInSucceededFrame } from "../protocol/server-message.ts";
import { splitAuth, userStringToSign } from "../protocol/signature.ts";
import type { ConnectionQuota } from "./connection-quota.ts";
import type { Watchlist } from "./watchlist.ts";

export type SignInMessage = Extract<ClientMessage, { readonly type: "sign-in" }>;
export type SignIn = (app: App, connection: Connection, message: SignInMessage) => Pending;

const userIdLengthMax = 128;

/** The returned function throws EventRefused, or CloseConnection where the app has too many connections. */
export function createSignIn(
  registry: AppRegistry,
  hub: Hub,
  quota: ConnectionQuota,
  watchlist: Watchlist,
): SignIn {
  return function signIn(app, connection, message) {
    const secretId = verify(registry, app, connection, message);
    const { user, isWatchlistCut } = parseUser(app, message.userData, secretId);
    if (connection.user !== null && connection.user.id !== user.id) {
      throw new EventRefused(null, `This connection is already signed in as another user`);
    }
    const isNew = connection.user === null;
    if (isNew) {
      quota.admit(app, connection);
      connection.user = user;
      hub.addUser(user.id, connection);
    }
    hub.send(connection, signInSucceededFrame(message.userData));
    if (isWatchlistCut) {
      const lengthMax = app.settings.watchlistLengthMax;
      hub.send(
        connection,
        errorFrame(
          eventCodes.watchlistTooLong,
          `The watchlist is too long: the first ${lengthMax} users are watched`,
        ),
      );
    }
    return isNew ? watchlist.signedIn(app, connection, user) : undefined;
  };
}

function verify(
  registry: AppRegistry,
  app: App,
  connection: Connection,
  { auth, userData }: SignInMessage,
): string {
  const parts = splitAuth(auth);
  if (parts === null)
    throw new EventRefused(null, "Invalid sign-in: auth must have the form APP_KEY:SIGNATURE");
  if (parts.key !== app.key) throw new EventRefused(null, "Invalid key in sign-in auth data");
  const secretId = registry.verify(
    app.id,
    "signIn",
    userStringToSign(connection.socketId, userData),
    parts.signature,
  );
  if (secretId === null) {
    throw new EventRefused(
      null,
      `Invalid signature: Expected HMAC SHA256 hex digest of ${connection.socketId}::user::USER_DATA`,
    );
  }
  return secretId;
}

function parseUser(
  app: App,
  userData: string,
  secretId: string,
): { readonly user: SignedInUser; readonly isWatchlistCut: boolean } {
  const { userDataBytesMax, watchlistLengthMax, watchlistEnabled } = app.settings;
  if (Buffer.byteLength(userData) > userDataBytesMax) {
    throw new EventRefused(null, `user_data may be at most ${userDataBytesMax} bytes`);
  }
  const { id, user_info: info, watchlist = [] } = parseObject(userData);
  if (typeof id !== "string" || id === "" || id.length > userIdLengthMax || serverToUserId(id) !== null) {
    throw new EventRefused(
      null,
      `The id in user_data must be a string of 1 to ${userIdLengthMax} characters`,
    );
  }
  if (!isListOfText(watchlist)) {
    throw new EventRefused(null, "The watchlist in user_data must be an array of user ids, all strings");
  }
  const watched = [...new Set(watchlist)];
  const infoJson = info === undefined ? null : jsonText(info);
  if (info !== undefined && infoJson === null) {
    throw new EventRefused(null, "The user_info in user_data is nested too deeply");
  }
  return {
    user: {
      id,
      infoJson,
      watchlist: watchlistEnabled ? watched.slice(0, watchlistLengthMax) : [],
      secretId,
    },
    isWatchlistCut: watched.length > watchlistLengthMax,
  };
}

function parseObject(userData: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(userData);
    if (typeof parsed === "object" && parsed !== null) return parsed as Readonly<Record<string, unknown>>;
  } catch {
    // Falls through: what is not JSON is refused like what is not an object.
  }
  throw new EventRefused(null, "user_data must be a JSON object with an id");
}

function isListOfText(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}
