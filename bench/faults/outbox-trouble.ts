/** Webhooks while the database accepts no writes: some requests are in flight, and more events arrive than fit in memory. */
import type { Admin } from "../client/admin.ts";
import { closeCrowd, openCrowd } from "../client/crowd.ts";
import type { LightClient } from "../client/light-client.ts";
import { WebhookReceiver } from "../client/webhook-receiver.ts";
import type { Target } from "../target/target.ts";
import { failures, until, type Verdict } from "./fault.ts";

/** How many events the server keeps in memory while the database accepts no writes. */
const keptMax = 10_000;
const channelsEach = 1000;
const crowd = 11;
const underWayCount = 5;
const events = ["channel_occupied"];

export class OutboxTrouble {
  readonly #target: Target;
  readonly #admin: Admin;
  /** Receives, in batches, the events of the failure. */
  readonly #late = new WebhookReceiver();
  /** Receives, one by one, the events sent before the failure and answered during it. */
  readonly #underWay = new WebhookReceiver();
  readonly #answer = Promise.withResolvers<void>();
  #clients: LightClient[] = [];

  constructor(target: Target, admin: Admin) {
    this.#target = target;
    this.#admin = admin;
  }

  /** Called before the failure. */
  async prepare(): Promise<void> {
    await this.#admin.addWebhook({ events, url: this.#underWay.url, filters: { prefix: "early-" } });
    await this.#admin.addWebhook({
      events,
      url: this.#late.url,
      filters: { prefix: "late-" },
      batching: true,
    });
    this.#underWay.gate = this.#answer.promise;
    await this.#subscribe(1, () => Array.from({ length: underWayCount }, (_, index) => `early-${index}`));
    await until("each is under way", () => this.#underWay.requests.size === underWayCount);
  }

  /** Called when the failure has begun. */
  begin(): void {
    this.#answer.resolve();
  }

  /** Called during the failure: causes more events than the server keeps. */
  async flood(): Promise<void> {
    await this.#subscribe(crowd, (index) =>
      Array.from({ length: channelsEach }, (_, each) => `late-${index}-${each}`),
    );
  }

  /** Called after the failure. `others`: how many events were caused besides the flood. */
  async check(others: number): Promise<Verdict> {
    const refused = await this.#admin.metric("soketify_webhook_refused_events_total");
    const reported = this.#late.channels;
    const asked = others + crowd * channelsEach;
    await until("the kept events have been sent", () => reported.length + refused >= asked);
    await until(
      "the queue is empty",
      async () => (await this.#admin.metric("soketify_webhook_pending_deliveries")) === 0,
    );
    const requests = [...this.#underWay.requests.values()];
    return {
      figures: {
        "webhook events sent afterwards": reported.length,
        "webhook events refused and counted": refused,
        "how often each request under way was sent": requests.join(" "),
      },
      problems: failures({
        [`${keptMax} webhook events, as many as fit in memory, are kept and sent afterwards`]:
          reported.length >= keptMax && reported.length < asked,
        "each webhook event is sent or counted as refused": reported.length + refused === asked,
        "no webhook event is sent twice": new Set(reported).size === reported.length,
        "the kept events are sent in order": isInOrder(reported),
        "requests answered during the failure are not sent again": requests.every((count) => count === 1),
      }),
    };
  }

  async end(): Promise<void> {
    closeCrowd(this.#clients);
    await this.#late.stop();
    await this.#underWay.stop();
  }

  async #subscribe(count: number, channelsOf: (index: number) => string[]): Promise<void> {
    const { port, app } = this.#target;
    this.#clients.push(...(await openCrowd({ port, key: app.key }, count, channelsOf)));
  }
}

/** Channels are named `late-CLIENT-NUMBER`. Checks that the numbers of each client rise; clients may interleave. */
function isInOrder(channels: readonly string[]): boolean {
  const latest = new Map<string, number>();
  return channels.every((channel) => {
    const [, client = "", number] = channel.split("-");
    const isNext = Number(number) > (latest.get(client) ?? -1);
    latest.set(client, Number(number));
    return isNext;
  });
}
