/** POST /events, /batch_events, and the deprecated /channels/:name/events. */

import type { Publish, PublishedEvent } from "../actions/publish.ts";
import type { ChannelInfo, InfoAttribute, ReadChannels } from "../actions/read-channels.ts";
import type { ActivityFeed, Reached } from "../core/activity.ts";
import type { App } from "../core/apps/app.ts";
import { bytesInMemory } from "../core/limits/bytes-in-memory.ts";
import type { Sender } from "../core/sender.ts";
import { HttpError } from "../protocol/errors.ts";
import { ownText } from "../protocol/own-text.ts";
import { parseInfo } from "./info.ts";
import { queryList, queryValue, type SignedRequest } from "./signed-request.ts";
import {
  type EventBody,
  type Fields,
  missing,
  ObjectFields,
  parseJsonObject,
  readBatchBody,
  readEventBody,
} from "./trigger-body.ts";

/** A completely validated request: no part of it can be rejected after another part was published. */
export interface Trigger {
  /** @throws EngineUnreachable */
  publish(): TriggerAnswer | Promise<TriggerAnswer>;
  readonly idempotencyKey: string | null;
}

export interface TriggerAnswer {
  /** The body of the 200 response. */
  readonly body: object;
  /** The engine was unreachable, and at least one event reached only the subscribers of this node. */
  readonly isLocal: boolean;
}

/** The estimated memory that a stored answer takes: its objects take about three times as much as its JSON text. */
export function bytesOfAnswer({ body }: TriggerAnswer): number {
  return bytesInMemory(JSON.stringify(body)) * 3;
}

export interface PublishCall {
  readonly app: App;
  readonly request: SignedRequest;
  readonly sender: Sender;
}

/** All throw HttpError 400 or 413, before anything is published. */
export interface PublishEvents {
  event(call: PublishCall): Trigger;
  batch(call: PublishCall): Trigger;
  /** `name` and `socket_id` are in the query. The whole body is the data. */
  deprecated(call: PublishCall, channel: string): Trigger;
}

export function createPublishEvents(
  publish: Publish,
  readChannels: ReadChannels,
  activity: Pick<ActivityFeed, "emit">,
): PublishEvents {
  function send(
    { app, sender }: PublishCall,
    event: PublishedEvent,
    info: readonly InfoAttribute[],
  ): TriggerAnswer | Promise<TriggerAnswer> {
    const reached = publish.send(app, event, sender);
    if (info.length > 0 || reached instanceof Promise)
      return describeSent({ readChannels, app, info }, event.channels, reached);
    return reached.isLocal ? publishedHere : published;
  }

  return {
    event(call) {
      const { app, request } = call;
      const { query, body } = request;
      const fields = new ObjectFields(parseJsonObject(body), body);
      const event = distinct(readEventBody(query.length === 0 ? fields : new FieldsOrQuery(fields, query)));
      const info = parseInfo(event.info);
      publish.check(app, event);
      return new EventTrigger(send, call, event, info);
    },

    batch({ app, request: { body }, sender }) {
      const given = parseJsonObject(body);
      const { events, idempotencyKey } = readBatchBody(new ObjectFields(given, body));
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
        activity.emit({ type: "batch_published", appId: app.id, events: items.length });
        const sent = await Promise.all(items.map(({ event }) => publish.send(app, event, sender)));
        const isLocal = sent.some((one) => one.isLocal);
        if (isLocal || items.every(({ info }) => info.length === 0)) return { body: {}, isLocal };
        const batch = await Promise.all(
          items.map(({ channel, info }) => describe({ readChannels, app, info }, channel)),
        );
        return { body: { batch }, isLocal };
      };
      return { publish: publishAll, idempotencyKey };
    },

    deprecated(call, channel) {
      const { app, request } = call;
      const { query, body } = request;
      const name = queryValue(query, "name");
      if (name === null) throw new HttpError(400, missing("name"));
      const exceptSocketId = queryValue(query, "socket_id") || null;
      const event = { name, data: body, channels: [channel], exceptSocketId };
      publish.check(app, event);
      return { publish: () => send(call, event, []), idempotencyKey: null };
    },
  };
}

type Send = (
  call: PublishCall,
  event: PublishedEvent,
  info: readonly InfoAttribute[],
) => TriggerAnswer | Promise<TriggerAnswer>;

/** A class, because a closure for each publish would be several objects. */
class EventTrigger implements Trigger {
  readonly #send: Send;
  readonly #call: PublishCall;
  readonly #event: EventBody;
  readonly #info: readonly InfoAttribute[];

  constructor(send: Send, call: PublishCall, event: EventBody, info: readonly InfoAttribute[]) {
    this.#send = send;
    this.#call = call;
    this.#event = event;
    this.#info = info;
  }

  get idempotencyKey(): string | null {
    return this.#event.idempotencyKey;
  }

  publish(): TriggerAnswer | Promise<TriggerAnswer> {
    return this.#send(this.#call, this.#event, this.#info);
  }
}

/** The answers of most publishes. */
const published: TriggerAnswer = { body: {}, isLocal: false };
const publishedHere: TriggerAnswer = { body: {}, isLocal: true };

interface Asked {
  readonly readChannels: ReadChannels;
  readonly app: App;
  readonly info: readonly InfoAttribute[];
}

async function describeSent(
  asked: Asked,
  sentTo: readonly string[],
  reached: Reached | Promise<Reached>,
): Promise<TriggerAnswer> {
  const { isLocal } = await reached;
  // Without the engine these attributes are unknown, and the event is already published.
  if (asked.info.length === 0 || isLocal) return { body: {}, isLocal };
  const described = await Promise.all(sentTo.map((channel) => describe(asked, channel)));
  const channels: Record<string, ChannelInfo> = Object.create(null);
  for (const [index, channel] of sentTo.entries()) channels[channel] = described[index] ?? {};
  return { body: { channels }, isLocal };
}

async function describe({ readChannels, app, info }: Asked, channel: string): Promise<ChannelInfo> {
  const { occupied: _, ...described } = await readChannels.one(app, channel, info);
  return described;
}

/** The fields of the body, or else of the query. */
class FieldsOrQuery implements Fields {
  readonly #body: Fields;
  readonly #query: SignedRequest["query"];

  constructor(body: Fields, query: SignedRequest["query"]) {
    this.#body = body;
    this.#query = query;
  }

  value(name: string): unknown {
    const value = this.#body.value(name);
    return value === undefined ? fromQuery(this.#query, name) : value;
  }

  json(name: string): string | null {
    return this.#body.json(name);
  }
}

/** Channels come as `channels[]=a&channels[]=b`, other parameters as text; undefined if absent. */
function fromQuery(query: SignedRequest["query"], field: string): unknown {
  const list = field === "channels" ? queryList(query, field) : null;
  if (list !== null) return list.map(ownText);
  const value = queryValue(query, field);
  return value === null ? undefined : ownText(value);
}

function distinct(event: EventBody): EventBody {
  return event.channels.length === 1 ? event : { ...event, channels: [...new Set(event.channels)] };
}
