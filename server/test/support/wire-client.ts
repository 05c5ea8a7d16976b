/** The common part of the test clients of all transports: they send messages and read the answers one by one. */
import { jsonOrText } from "./json-or-text.ts";
import { Mailbox } from "./mailbox.ts";
import { within } from "./until.ts";

export interface ServerMessage {
  readonly event: string;
  readonly channel?: string;
  /** A string, except in `pusher:error`. */
  readonly data?: unknown;
  readonly user_id?: string;
}

export interface Closed {
  /** 1006 if the connection ended without a close frame. */
  readonly code: number;
  readonly reason: string;
}

export abstract class WireClient implements Disposable {
  /** The texts of messages, unchanged. */
  readonly texts = new Mailbox<string>();
  readonly closed: Promise<Closed>;
  socketId = "";
  /** Call it when the connection has closed. */
  protected readonly end: (closed: Closed) => void;

  protected constructor() {
    const { promise, resolve } = Promise.withResolvers<Closed>();
    this.closed = promise;
    this.end = (closed) => {
      this.texts.end(`The connection closed with ${closed.code} ${closed.reason}`);
      resolve(closed);
    };
  }

  /** An object is sent as JSON, a string unchanged. */
  abstract send(message: object | string): void;
  abstract [Symbol.dispose](): void;

  async takeHello(): Promise<void> {
    const hello = await this.expect("pusher:connection_established");
    this.socketId = String((hello.json as { socket_id: string }).socket_id);
  }

  async next(what = "a message"): Promise<ServerMessage> {
    return JSON.parse(await this.texts.next(what)) as ServerMessage;
  }

  /** The next message must be this event; `json` is its data, parsed if it is a string of JSON. */
  async expect(event: string, channel?: string): Promise<ServerMessage & { json: unknown }> {
    const message = await this.next(event);
    if (message.event !== event || (channel !== undefined && message.channel !== channel)) {
      throw new Error(`Expected ${event} ${channel ?? ""}, but got ${JSON.stringify(message)}`);
    }
    return { ...message, json: jsonOrText(message.data) };
  }

  /** The next message must be `pusher:error`. */
  async expectError(): Promise<{ code: number | null; message: string }> {
    return (await this.expect("pusher:error")).json as { code: number | null; message: string };
  }

  /** Checks that no other message has arrived: the answer to a ping must be the next one. */
  async expectNothingMore(): Promise<void> {
    this.send({ event: "pusher:ping", data: {} });
    await this.expect("pusher:pong");
  }

  async subscribe(channel: string, data: object = {}): Promise<unknown> {
    this.send({ event: "pusher:subscribe", data: { channel, ...data } });
    return (await this.expect("pusher_internal:subscription_succeeded", channel)).json;
  }

  waitForClose(): Promise<Closed> {
    return within("the close", this.closed);
  }
}
