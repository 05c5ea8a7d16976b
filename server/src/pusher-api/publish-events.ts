/** POST /events, /batch_events, and the deprecated /channels/:name/events. */
import type { Publish, PublishedEvent } from "../actions/publish.ts";
import type { ChannelInfo, InfoAttribute, ReadChannels } from "../actions/read-channels.ts";
import type { App } from "../core/app.ts";
import { HttpError } from "../protocol/errors.ts";
import { parseInfo } from "./info.ts";
import { queryList, queryValue, type SignedRequest } from "./signed-request.ts";
import { missing, parseJsonObject, readBatchBody, readEventBody } from "./trigger-body.ts";

/** A request that was checked whole: publishing it cannot be refused half-way. */
export interface Trigger {
  /** Answers the body of the 200. */
  readonly publish: () => Promise<object>;
  readonly idempotencyKey: string | null;
}

/** All throw HttpError 400 or 413, before anything is published. */
export interface PublishEvents {
  event(app: App, request: SignedRequest): Trigger;
  batch(app: App, request: SignedRequest): Trigger;
  /** `name` and `socket_id` come in the query; the whole body is the data. */
  deprecated(app: App, request: SignedRequest, channel: string): Trigger;
}

export function createPublishEvents(publish: Publish, readChannels: ReadChannels): PublishEvents {
  async function describe(app: App, channel: string, info: readonly InfoAttribute[]): Promise<ChannelInfo> {
    const { occupied: _, ...described } = await readChannels.one(app, channel, info);
    return described;
  }

  async function send(app: App, event: PublishedEvent, info: readonly InfoAttribute[]): Promise<object> {
    await publish.send(app, event);
    if (info.length === 0) return {};
    const channels: Record<string, ChannelInfo> = Object.create(null);
    for (const channel of event.channels) channels[channel] = await describe(app, channel, info);
    return { channels };
  }

  return {
    event(app, { query, body }) {
      const given = parseJsonObject(body);
      const { name, data, channels, exceptSocketId, info, idempotencyKey } = readEventBody((field) =>
        given[field] === undefined ? fromQuery(query, field) : given[field],
      );
      const attributes = parseInfo(info);
      const event = { name, data, channels: distinct(channels), exceptSocketId };
      publish.check(app, event);
      return { publish: () => send(app, event, attributes), idempotencyKey };
    },

    batch(app, { body }) {
      const given = parseJsonObject(body);
      const { events, idempotencyKey } = readBatchBody((field) => given[field]);
      const { eventsPerBatchMax } = app.settings;
      if (events.length > eventsPerBatchMax) {
        throw new HttpError(400, `Batch too large (${events.length} > ${eventsPerBatchMax})`);
      }
      const items = events.map(({ name, data, channel, exceptSocketId, info }) => {
        const event = { name, data, channels: [channel], exceptSocketId };
        publish.check(app, event);
        return { event, channel, info: parseInfo(info) };
      });
      const publishAll = async () => {
        for (const { event } of items) await publish.send(app, event);
        if (items.every(({ info }) => info.length === 0)) return {};
        return { batch: await Promise.all(items.map(({ channel, info }) => describe(app, channel, info))) };
      };
      return { publish: publishAll, idempotencyKey };
    },

    deprecated(app, { query, body }, channel) {
      const name = queryValue(query, "name");
      if (name === null) throw new HttpError(400, missing("name"));
      const exceptSocketId = queryValue(query, "socket_id") || null;
      const event = { name, data: body, channels: [channel], exceptSocketId };
      publish.check(app, event);
      return { publish: () => send(app, event, []), idempotencyKey: null };
    },
  };
}

/** A list as `channels[]=a&channels[]=b`, anything else as its text; undefined where there is none. */
function fromQuery(query: SignedRequest["query"], field: string): unknown {
  return queryList(query, field) ?? queryValue(query, field) ?? undefined;
}

function distinct(channels: readonly string[]): readonly string[] {
  return channels.length === 1 ? channels : [...new Set(channels)];
}
