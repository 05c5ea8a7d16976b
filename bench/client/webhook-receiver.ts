/** A receiver of webhooks that notes what it is told. */
import type { Server } from "bun";

interface Body {
  readonly events: readonly { readonly channel: string }[];
}

export class WebhookReceiver {
  /** Of each event that it answered with 200, in order. */
  readonly channels: string[] = [];
  /** How often each request came, by its id. */
  readonly requests = new Map<string, number>();
  /** What each answer waits for. */
  gate: Promise<void> = Promise.resolve();
  readonly #server: Server<undefined> = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: (request) => this.#hear(request),
  });

  get url(): string {
    return `http://127.0.0.1:${this.#server.port}/`;
  }

  stop(): Promise<void> {
    return this.#server.stop(true);
  }

  async #hear(request: Request): Promise<Response> {
    const { events } = (await request.json()) as Body;
    const id = request.headers.get("webhook-id") ?? "";
    this.requests.set(id, (this.requests.get(id) ?? 0) + 1);
    await this.gate;
    for (const { channel } of events) this.channels.push(channel);
    return new Response();
  }
}
