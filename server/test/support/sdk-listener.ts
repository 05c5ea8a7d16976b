/** A stock pusher-js client in one channel that records its events and its subscribed periods. */
import PusherJs from "pusher-js";

interface Stay {
  readonly fromMs: number;
  toMs: number;
}

export class SdkListener {
  readonly received: unknown[] = [];
  /** By the monotonic clock; the last period has no end while the client is subscribed. */
  readonly stays: Stay[] = [];
  readonly #client: PusherJs;

  constructor(
    { port, app }: { readonly port: number; readonly app: { readonly key: string } },
    channel: string,
  ) {
    this.#client = new PusherJs(app.key, {
      wsHost: "localhost",
      wsPort: port,
      forceTLS: false,
      enabledTransports: ["ws"],
      cluster: "",
    });
    this.#client.connection.bind("state_change", ({ previous }: { previous: string }) => {
      const stay = this.stays.at(-1);
      if (previous === "connected" && stay !== undefined) stay.toMs = performance.now();
    });
    const subscription = this.#client.subscribe(channel);
    subscription.bind("pusher:subscription_succeeded", () => {
      this.stays.push({ fromMs: performance.now(), toMs: Number.POSITIVE_INFINITY });
    });
    subscription.bind_global((event: string, data: unknown) => {
      if (!event.startsWith("pusher:")) this.received.push(data);
    });
  }

  get isSubscribed(): boolean {
    return this.stays.at(-1)?.toMs === Number.POSITIVE_INFINITY;
  }

  close(): void {
    this.#client.disconnect();
  }
}
