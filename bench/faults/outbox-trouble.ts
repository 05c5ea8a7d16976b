/** What becomes of webhooks while the database accepts no writes: some are under way, and more events come than fit into memory. */
import type { Admin } from "../client/admin.ts";
import { closeCrowd, openCrowd } from "../client/crowd.ts";
import type { LightClient } from "../client/light-client.ts";
import { WebhookReceiver } from "../client/webhook-receiver.ts";
import type { Target } from "../target/target.ts";
import { failures, until, type Verdict } from "./fault.ts";

/** Events that the server keeps in memory for a database that does not take them. */
const keptMax = 10_000;
const channelsEach = 1000;
const crowd = 11;
const underWayCount = 5;
const events = ["channel_occupied"];

export class OutboxTrouble {
  readonly #target: Target;
  readonly #admin: Admin;
  /** In batches: all that comes while the trouble lasts. */
  readonly #late = new WebhookReceiver();
  /** One by one: what is sent before and answered then. */
  readonly #underWay = new WebhookReceiver();
  readonly #answer = Promise.withResolvers<void>();
  #clients: LightClient[] = [];

  constructor(target: Target, admin: Admin) {
    this.#target = target;
    this.#admin = admin;
  }

  /** Before the trouble. */
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

  /** As soon as it has begun. */
  begin(): void {
    this.#answer.resolve();
  }

  /** While it lasts: more events come than the server keeps. */
  async flood(): Promise<void> {
    await this.#subscribe(crowd, (index) =>
      Array.from({ length: channelsEach }, (_, each) => `late-${index}-${each}`),
    );
  }

  /** After it; so many events came beside the flood. */
  async judge(others: number): Promise<Verdict> {
    const refused = await this.#admin.metric("soketify_webhook_refused_events_total");
    const told = this.#late.channels;
    const asked = others + crowd * channelsEach;
    await until("what was kept is told", () => told.length + refused >= asked);
    await until(
      "nothing is left to tell",
      async () => (await this.#admin.metric("soketify_webhook_pending_deliveries")) === 0,
    );
    const requests = [...this.#underWay.requests.values()];
    return {
      figures: {
        "webhook events told afterwards": told.length,
        "webhook events refused and counted": refused,
        "times that each request was sent that was under way": requests.join(" "),
      },
      problems: failures({
        [`as many webhook events are kept as fit into memory, ${keptMax}, and told afterwards`]:
          told.length >= keptMax && told.length < asked,
        "each webhook event is told or counted as refused": told.length + refused === asked,
        "no webhook event is told twice": new Set(told).size === told.length,
        "they are told in order": isInOrder(told),
        "what was answered meanwhile is not sent again": requests.every((count) => count === 1),
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

/** `late-CLIENT-NUMBER`: the numbers of each client rise, whatever the others do. */
function isInOrder(channels: readonly string[]): boolean {
  const latest = new Map<string, number>();
  return channels.every((channel) => {
    const [, client = "", number] = channel.split("-");
    const isNext = Number(number) > (latest.get(client) ?? -1);
    latest.set(client, Number(number));
    return isNext;
  });
}
