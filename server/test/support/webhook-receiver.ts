/** A webhook's receiver that verifies requests with the stock `pusher` package and with `standardwebhooks`. */
import Pusher from "pusher";
import { Webhook, WebhookVerificationError } from "standardwebhooks";
import { Mailbox } from "./mailbox.ts";
import { until } from "./until.ts";

export interface ReceivedEvent {
  readonly name: string;
  readonly channel?: string;
  readonly [field: string]: unknown;
}

export interface Received {
  readonly id: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly events: readonly ReceivedEvent[];
  readonly isPusherValid: boolean;
  readonly isStandardValid: boolean;
}

export interface WebhookReceiver {
  readonly url: string;
  readonly requests: readonly Received[];
  /** The requests that it answered with a 2xx. */
  readonly accepted: readonly Received[];
  readonly inbox: Mailbox<Received>;
  /** Events of requests with a 2xx answer, in order. */
  events(): ReceivedEvent[];
  /** Waits until this number of events was accepted. */
  eventCount(count: number, timeoutMs?: number): Promise<ReceivedEvent[]>;
  stop(): Promise<void>;
}

export interface ReceiverOptions {
  readonly key: string;
  readonly secret: string;
  /** 200 by default. */
  readonly answer?: (received: Received) => Response | Promise<Response>;
  readonly port?: number;
  /** False if the sender's clock is advanced by the test. */
  readonly isClockReal?: boolean;
}

export function startWebhookReceiver(options: ReceiverOptions): WebhookReceiver {
  const { key, secret, answer, port = 0, isClockReal = true } = options;
  const pusher = new Pusher({ appId: "1", key, secret, cluster: "default" });
  const standard = new Webhook(secret, { format: "raw" });
  const requests: Received[] = [];
  const accepted: Received[] = [];
  const inbox = new Mailbox<Received>();

  const server = Bun.serve({
    hostname: "127.0.0.1",
    port,
    async fetch(request) {
      const body = await request.text();
      const headers = Object.fromEntries(request.headers);
      const received = {
        id: headers["webhook-id"] ?? "",
        headers,
        body,
        events: JSON.parse(body).events,
        isPusherValid: pusher.webhook({ headers, rawBody: body }).isValid(),
        isStandardValid: verifies(standard, body, headers, isClockReal),
      };
      requests.push(received);
      const response = (await answer?.(received)) ?? new Response("thanks");
      if (response.ok) accepted.push(received);
      inbox.push(received);
      return response;
    },
  });

  const events = () => accepted.flatMap((one) => one.events);
  return {
    url: `http://127.0.0.1:${server.port}/hook`,
    requests,
    accepted,
    inbox,
    events,
    async eventCount(count, timeoutMs) {
      await until(`${count} webhook events`, () => events().length >= count, timeoutMs);
      return events();
    },
    stop: () => server.stop(true),
  };
}

/** With a test's clock the library's check of the age would fail, so only the signature is compared. */
function verifies(
  webhook: Webhook,
  body: string,
  headers: Record<string, string>,
  isClockReal: boolean,
): boolean {
  if (!isClockReal) {
    const timestamp = new Date(Number(headers["webhook-timestamp"]) * 1_000);
    const expected = webhook.sign(headers["webhook-id"] ?? "", timestamp, body);
    return (headers["webhook-signature"] ?? "").split(" ").includes(expected);
  }
  try {
    webhook.verify(body, headers);
    return true;
  } catch (error) {
    if (error instanceof WebhookVerificationError) return false;
    throw error;
  }
}
