/** Publishes an event of a backend. */
import type { ActivityFeed, Reached } from "../core/activity.ts";
import type { App } from "../core/apps/app.ts";
import { settingsOfChannel } from "../core/apps/channel-rules.ts";
import { boundsOf } from "../core/channel-history.ts";
import type { Broker, Published } from "../core/ports/broker.ts";
import type { Sender } from "../core/sender.ts";
import { channelNameRule, isBackendChannelName } from "../protocol/channel-name.ts";
import { HttpError } from "../protocol/errors.ts";
import { isBackendEventName } from "../protocol/event-name.ts";
import { shorten } from "../protocol/shorten.ts";
import { OutgoingEvent } from "./outgoing-event.ts";

export interface PublishedEvent {
  readonly name: string;
  readonly data: string;
  readonly channels: readonly string[];
  readonly exceptSocketId: string | null;
}

export interface Publish {
  /** Checks an event before any part of it is sent. @throws HttpError 400 or 413 */
  check(app: App, event: PublishedEvent): void;
  /**
   * Publishes a checked event. Returns or resolves once the engine has ordered it in all channels.
   * @throws EngineUnreachable
   */
  send(app: App, event: PublishedEvent, sender: Sender): Reached | Promise<Reached>;
}

export function createPublish(broker: Broker, activity: ActivityFeed): Publish {
  function report(
    { id: appId }: App,
    { name: event, data, channels, exceptSocketId }: PublishedEvent,
    sender: Sender,
    reached: Reached,
  ): Reached {
    activity.emit({
      type: "event_published",
      appId,
      channels,
      event,
      data,
      exceptSocketId,
      sender,
      reached,
    });
    return reached;
  }

  async function reportLater(
    app: App,
    event: PublishedEvent,
    sender: Sender,
    reached: Reached,
    pending: readonly Promise<Published>[],
  ): Promise<Reached> {
    const rest = await Promise.all(pending);
    return report(app, event, sender, rest.reduce(withOne, reached));
  }

  return {
    check: checkEvent,
    send(app, event, sender) {
      const outgoing = new OutgoingEvent(event.name, event.data, null, event.exceptSocketId);
      let reached = nobody;
      let pending: Promise<Published>[] | null = null;
      for (const channel of event.channels) {
        const one = broker.publish(app.id, channel, outgoing.to(channel), boundsOf(app, channel));
        if (one instanceof Promise) {
          pending ??= [];
          pending.push(one);
        } else reached = withOne(reached, one);
      }
      if (pending === null) return report(app, event, sender, reached);
      return reportLater(app, event, sender, reached, pending);
    },
  };
}

const nobody: Reached = { recipients: 0, isLocal: false };

/** Combines the results of an event's publishes on its channels. */
export function reachedBy(published: readonly Published[]): Reached {
  return published.reduce(withOne, nobody);
}

function withOne({ recipients, isLocal }: Reached, one: Published): Reached {
  return {
    recipients: recipients === null || one.recipients === null ? null : recipients + one.recipients,
    isLocal: isLocal || one.outcome === "local",
  };
}

function checkEvent(app: App, { name, data, channels, exceptSocketId }: PublishedEvent): void {
  const { eventNameLengthMax, eventPayloadBytesMax, channelsPerEventMax, channelNameLengthMax } =
    app.settings;
  if (name === "" || name.length > eventNameLengthMax) {
    throw new HttpError(400, `The event name must have 1 to ${eventNameLengthMax} characters`);
  }
  if (!isBackendEventName(name)) {
    throw new HttpError(400, "Event names must not start with pusher:, pusher_internal: or client-");
  }
  if (channels.length === 0 || channels.length > channelsPerEventMax) {
    throw new HttpError(
      400,
      `An event must have 1 to ${channelsPerEventMax} channels, not ${channels.length}`,
    );
  }
  for (const channel of channels) {
    if (isBackendChannelName(channel, channelNameLengthMax)) continue;
    const shown = JSON.stringify(shorten(channel, channelNameLengthMax));
    throw new HttpError(400, `Invalid channel name ${shown}: ${channelNameRule(channelNameLengthMax)}`);
  }
  if (exceptSocketId !== null && !/^\d+\.\d+$/.test(exceptSocketId)) {
    throw new HttpError(400, "Invalid socket_id: it must look like 123.456");
  }
  if (app.settings.channelRules.length > 0) checkRules(app, channels, data);
  else checkPayload(data, eventPayloadBytesMax);
}

function checkRules({ settings }: App, channels: readonly string[], data: string): void {
  for (const channel of channels) {
    const { serverEventsEnabled, eventPayloadBytesMax } = settingsOfChannel(settings, channel);
    if (!serverEventsEnabled)
      throw new HttpError(400, `A channel rule of the app does not allow backends to publish to ${channel}`);
    checkPayload(data, eventPayloadBytesMax);
  }
}

function checkPayload(data: string, bytesMax: number): void {
  // A character has at most four bytes, so the bytes of a short text need not be counted.
  if (data.length * 4 <= bytesMax || Buffer.byteLength(data) <= bytesMax) return;
  throw new HttpError(413, `The data content of this event exceeds the allowed maximum (${bytesMax} bytes)`);
}
