/** A webhook receiver that records requests and events. */
import type { Server } from "bun";

interface WebhookEvent {
  readonly name: string;
  readonly channel: string;
  readonly user_id?: string;
}

export class WebhookReceiver {
  /** The channel of each event that it answered with 200, in order. */
  readonly channels: string[] = [];
  /** The same events as `name channel user`; an event without a user has only name and channel. */
  readonly events: string[] = [];
  /** How often each request arrived, by its id. */
  readonly requests = new Map<string, number>();
  /** Each answer waits for this promise. */
  gate: Promise<void> = Promise.resolve();
  readonly #server: Server<undefined> = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: (request) => this.#receive(request),
  });

  get url(): string {
    return `http://127.0.0.1:${this.#server.port}/`;
  }

  stop(): Promise<void> {
    return this.#server.stop(true);
  }

  async #receive(request: Request): Promise<Response> {
    const { events } = (await request.json()) as { readonly events: readonly WebhookEvent[] };
    const id = request.headers.get("webhook-id") ?? "";
    this.requests.set(id, (this.requests.get(id) ?? 0) + 1);
    await this.gate;
    for (const { name, channel, user_id: user } of events) {
      this.channels.push(channel);
      this.events.push([name, channel, ...(user === undefined ? [] : [user])].join(" "));
    }
    return new Response();
  }
}
