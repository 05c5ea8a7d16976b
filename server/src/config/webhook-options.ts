import { z } from "zod";
import { cidr } from "./host.ts";
import { list, number, option, toggle } from "./option.ts";

/** Checks only the shape. At the start the server checks them by the rules for all webhooks. */
const webhookEndpoints = z
  .array(
    z.strictObject({
      url: z.string(),
      events: z.array(z.string()),
      batching: z.boolean().optional(),
      enabled: z.boolean().optional(),
      headers: z.record(z.string(), z.string()).optional(),
      filters: z.record(z.string(), z.unknown()).optional(),
    }),
  )
  .max(50);

export type WebhookEndpointConfig = z.infer<typeof webhookEndpoints>[number];

export const webhookEndpointOptions = {
  webhooks: option<readonly WebhookEndpointConfig[]>(
    webhookEndpoints,
    "a list of at most 50 endpoints, each with url and events and optionally batching, filters, headers, enabled",
    "Webhook endpoints of that app",
    { default: [], isFileOnly: true },
  ),
} as const;

export const webhookOptions = {
  webhookAllow: list(
    cidr,
    "a list of addresses or CIDRs such as 10.0.0.0/8 or fd00::/8",
    "Private networks to which webhooks may be sent",
  ),
  webhookAllowHttp: toggle(false, "Allow webhooks to plain http in production"),
  webhookTimeoutMs: number(
    4_000,
    100,
    60_000,
    "Time for one request to a webhook, from the name lookup to the end of the answer, in milliseconds",
  ),
  webhookRetryWindowMs: number(
    300_000,
    0,
    2_592_000_000,
    "How long a webhook event is retried before it is given up, in milliseconds",
  ),
  webhookPendingMax: number(50_000, 1, 10_000_000, "Pending events of one webhook"),
  webhookRequestsMax: number(10, 1, 1_000, "Concurrent requests to one webhook"),
  webhookRequestsPerAppMax: number(
    50,
    1,
    1_000,
    "Concurrent requests to all webhooks of one app; the app's settings may lower it",
  ),
  webhookRequestsTotalMax: number(200, 1, 10_000, "Concurrent requests to all webhooks; apps take turns"),
} as const;
