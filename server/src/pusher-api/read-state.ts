/** The answers of GET /channels, /channels/:name and /channels/:name/users. */
import type { ReadChannels } from "../actions/read-channels.ts";
import { historyPageMax, type ReadHistory } from "../actions/read-history.ts";
import type { App } from "../core/apps/app.ts";
import {
  channelNameRule,
  isBackendChannelName,
  isCacheChannel,
  isPresenceChannel,
} from "../protocol/channel-name.ts";
import { HttpError } from "../protocol/errors.ts";
import { parseInfo } from "./info.ts";
import { queryValue, type SignedRequest } from "./signed-request.ts";

/** All throw HttpError 400. */
export interface ReadState {
  channels(app: App, request: SignedRequest): Promise<object>;
  channel(app: App, request: SignedRequest, name: string): Promise<object>;
  users(app: App, name: string): Promise<object>;
  history(app: App, request: SignedRequest, name: string): Promise<object>;
}

export function createReadState(readChannels: ReadChannels, readHistory: ReadHistory): ReadState {
  return {
    async channels(app, { query }) {
      const prefix = queryValue(query, "filter_by_prefix") ?? "";
      const info = parseInfo(queryValue(query, "info"));
      if (info.includes("user_count") && !isPresenceChannel(prefix)) {
        throw new HttpError(
          400,
          "user_count may only be requested for presence channels - please supply filter_by_prefix begining with presence-",
        );
      }
      if (info.includes("cache")) {
        throw new HttpError(
          400,
          "cache may only be requested for one channel: GET /channels/NAME?info=cache",
        );
      }
      return { channels: await readChannels.list(app, prefix, info) };
    },

    async channel(app, { query }, name) {
      checkName(app, name);
      const info = parseInfo(queryValue(query, "info"));
      if (info.includes("user_count") && !isPresenceChannel(name)) {
        throw new HttpError(400, "Cannot retrieve the user count unless the channel is a presence channel");
      }
      if (info.includes("cache") && !isCacheChannel(name)) {
        throw new HttpError(400, "Cannot retrieve the cache unless the channel is a cache channel");
      }
      return readChannels.one(app, name, info);
    },

    async users(app, name) {
      checkName(app, name);
      if (!isPresenceChannel(name)) {
        throw new HttpError(400, "Users can only be retrieved for presence channels");
      }
      const ids = await readChannels.userIds(app, name);
      return { users: ids.map((id) => ({ id })) };
    },

    async history(app, { query }, name) {
      checkName(app, name);
      const direction = queryValue(query, "direction") ?? "backwards";
      if (direction !== "forwards" && direction !== "backwards")
        throw new HttpError(400, "direction must be forwards (oldest first) or backwards (newest first)");
      const limit = wholeNumber(query, "limit", 1, historyPageMax) ?? historyPageMax;
      const from = wholeNumber(query, "from", 0, Number.MAX_SAFE_INTEGER);
      const timeOf = (bound: string) => wholeNumber(query, bound, 0, Number.MAX_SAFE_INTEGER) ?? undefined;
      const during = { sinceMs: timeOf("since"), untilMs: timeOf("until") };
      const { epoch, events, next } = await readHistory(app, name, { direction, from, limit, ...during });
      return {
        epoch,
        events: events.map(({ offset, name: event, data, atMs, userId, exceptSocketId }) => ({
          offset,
          name: event,
          data,
          time: atMs,
          ...(userId === null ? {} : { user_id: userId }),
          ...(exceptSocketId === null ? {} : { socket_id: exceptSocketId }),
        })),
        next,
      };
    },
  };
}

function wholeNumber(query: SignedRequest["query"], name: string, min: number, max: number): number | null {
  const text = queryValue(query, name);
  if (text === null) return null;
  if (/^\d{1,16}$/.test(text) && Number(text) >= min && Number(text) <= max) return Number(text);
  throw new HttpError(400, `${name} must be a whole number from ${min} to ${max}`);
}

function checkName(app: App, name: string): void {
  const lengthMax = app.settings.channelNameLengthMax;
  if (isBackendChannelName(name, lengthMax)) return;
  throw new HttpError(400, `Invalid channel name: ${channelNameRule(lengthMax)}`);
}
