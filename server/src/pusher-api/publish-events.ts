/** POST /events, /batch_events, and the deprecated /channels/:name/events. */
import type { Publish, PublishedEvent } from "../actions/publish.ts";
import type { ChannelInfo, InfoAttribute, ReadChannels } from "../actions/read-channels.ts";
import type { App } from "../core/app.ts";
import { HttpError } from "../protocol/errors.ts";
import { parseInfo } from "./info.ts";
import { queryValue, type SignedRequest } from "./signed-request.ts";
import { batchBody, eventBody, missing, parseBody, parseJsonObject } from "./trigger-body.ts";

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
      const parsed = parseBody(eventBody, { ...Object.fromEntries(query), ...parseJsonObject(body) });
      const channels = parsed.channels ?? (parsed.channel ? [parsed.channel] : []);
      if (channels.length === 0) throw new HttpError(400, missing("channels"));
      const info = parseInfo(parsed.info);
      const event = {
        name: parsed.name,
        data: parsed.data,
        channels: [...new Set(channels)],
        exceptSocketId: parsed.socket_id || null,
      };
      publish.check(app, event);
      return { publish: () => send(app, event, info), idempotencyKey: parsed.idempotency_key ?? null };
    },

    batch(app, { body }) {
      const { batch, idempotency_key: idempotencyKey } = parseBody(batchBody, parseJsonObject(body));
      const { eventsPerBatchMax } = app.settings;
      if (batch.length > eventsPerBatchMax) {
        throw new HttpError(400, `Batch too large (${batch.length} > ${eventsPerBatchMax})`);
      }
      const items = batch.map(({ name, data, channel, socket_id: socketId, info }) => {
        const event = { name, data, channels: [channel], exceptSocketId: socketId || null };
        publish.check(app, event);
        return { event, channel, info: parseInfo(info) };
      });
      const publishAll = async () => {
        for (const { event } of items) await publish.send(app, event);
        if (items.every(({ info }) => info.length === 0)) return {};
        return { batch: await Promise.all(items.map(({ channel, info }) => describe(app, channel, info))) };
      };
      return { publish: publishAll, idempotencyKey: idempotencyKey ?? null };
    },

    deprecated(app, { query, body }, channel) {
      const name = queryValue(query, "name");
      if (name === null) throw new HttpError(400, missing("name"));
      const exceptSocketId = queryValue(query, "socket_id");
      const event = { name, data: body, channels: [channel], exceptSocketId };
      publish.check(app, event);
      return { publish: () => send(app, event, []), idempotencyKey: null };
    },
  };
}
