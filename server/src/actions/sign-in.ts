/** User authentication: a connection sends `pusher:signin`. */
import type { App } from "../core/apps/app.ts";
import type { AppRegistry } from "../core/apps/app-registry.ts";
import type { Connection, SignedInUser } from "../core/connection.ts";
import type { Hub } from "../core/hub.ts";
import { bytesOfUser, type ConnectionMemory } from "../core/limits/connection-memory.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Pending } from "../core/ports/line.ts";
import { serverToUserId, userIdLengthMax } from "../protocol/channel-name.ts";
import type { ClientMessage } from "../protocol/client-message.ts";
import { EventRefused, eventCodes } from "../protocol/errors.ts";
import { errorFrame, signInSucceededFrame } from "../protocol/server-message.ts";
import { userStringToSign } from "../protocol/signature.ts";
import { isUserId, parseAuthData, verifyAuth } from "./auth-data.ts";
import type { ConnectionQuota } from "./connection-quota.ts";
import type { Watchlist } from "./watchlist.ts";

export type SignInMessage = Extract<ClientMessage, { readonly type: "sign-in" }>;
export type SignIn = (app: App, connection: Connection, message: SignInMessage) => Pending;

/** The returned function throws EventRefused, or CloseConnection if the app has too many connections. */
export function createSignIn(
  { registry, clock }: { readonly registry: AppRegistry; readonly clock: Clock },
  hub: Hub,
  { quota, memory }: { readonly quota: ConnectionQuota; readonly memory: ConnectionMemory },
  watchlist: Watchlist,
): SignIn {
  return function signIn(app, connection, message) {
    const secretId = verify(registry, app, connection, message);
    const { user, isWatchlistCut } = parseUser(app, message.userData, secretId, clock.now());
    if (connection.user !== null && connection.user.id !== user.id) {
      throw new EventRefused(null, `This connection is already signed in as another user`);
    }
    const isNew = connection.user === null;
    const dataBytes = Buffer.byteLength(message.userData);
    if (isNew) {
      if (!memory.take(connection, bytesOfUser(message.userData, user.watchlist))) {
        throw refuse(
          "The app's signed-in users need more memory than this server allows (subscriptionBytesPerAppMax, subscriptionBytesMax)",
        );
      }
      quota.admit(app, connection);
      connection.user = user;
      hub.addUser(user.id, connection);
    }
    function confirm(): void {
      hub.send(connection, signInSucceededFrame(message.userData));
      if (!isWatchlistCut) return;
      const lengthMax = app.settings.watchlistLengthMax;
      const text = `The watchlist is too long: only its first ${lengthMax} users are watched`;
      hub.send(connection, errorFrame(eventCodes.watchlistTooLong, text));
    }
    if (isNew) return watchlist.signedIn(app, connection, user, dataBytes, confirm);
    confirm();
  };
}

function verify(
  registry: AppRegistry,
  app: App,
  { socketId }: Connection,
  { auth, userData }: SignInMessage,
): string {
  const text = userStringToSign(socketId, userData);
  // user_data may be confidential, so error messages do not contain it.
  const shownText = userStringToSign(socketId, "USER_DATA");
  const words = { subject: "sign-in", act: "signing in", shownText };
  return verifyAuth(registry, app, { purpose: "signIn", auth, text, ...words }, refuse);
}

function parseUser(
  app: App,
  userData: string,
  secretId: string,
  signedInAtMs: number,
): { readonly user: SignedInUser; readonly isWatchlistCut: boolean } {
  const { userDataBytesMax, watchlistLengthMax, watchlistEnabled } = app.settings;
  const { fields, infoJson } = parseAuthData(
    userData,
    { name: "user_data", idName: "an id", bytesMax: userDataBytesMax },
    refuse,
  );
  const { id, watchlist = [] } = fields;
  if (!isUserId(id) || serverToUserId(id) !== null) {
    throw refuse(`The id in user_data must be a string of 1 to ${userIdLengthMax} characters without NUL`);
  }
  if (!isListOfText(watchlist)) {
    throw refuse("The watchlist in user_data must be an array of user ids, all strings");
  }
  const watched = [...new Set(watchlist)];
  return {
    user: {
      id,
      infoJson,
      watchlist: watchlistEnabled ? watched.slice(0, watchlistLengthMax) : [],
      secretId,
      signedInAtMs,
    },
    isWatchlistCut: watched.length > watchlistLengthMax,
  };
}

function refuse(message: string): EventRefused {
  return new EventRefused(null, message);
}

function isListOfText(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}
