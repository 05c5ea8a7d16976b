/** One webhook: health, configuration and deliveries. */
import type { Webhook, WebhookInUse } from "@soketify/admin";
import type { ReactNode } from "react";
import { useChange } from "../api/use-api.ts";
import { Badge } from "../ui/badge.tsx";
import { milliseconds } from "../ui/numbers.ts";
import { Panel } from "../ui/page.tsx";
import { Failure } from "../ui/states.tsx";
import { DeliveryList } from "./delivery-list.tsx";
import { WebhookActions } from "./webhook-actions.tsx";
import { HealthBadge, HealthNotice, Notice } from "./webhook-health.tsx";

interface WebhookPanelProps {
  readonly appId: string;
  readonly webhook: WebhookInUse;
}

export function WebhookPanel({ appId, webhook }: WebhookPanelProps) {
  const test = useChange("POST /apps/{appId}/webhooks/{webhookId}/test");
  return (
    <Panel
      title={webhook.url}
      lead={<HealthBadge webhook={webhook} />}
      actions={
        <WebhookActions
          appId={appId}
          webhook={webhook}
          isTesting={test.isPending}
          onTest={() => test.mutate({ path: { appId, webhookId: webhook.id } })}
        />
      }
    >
      <div className="grid grid-cols-1 gap-4">
        <HealthNotice webhook={webhook} />
        {test.error !== null && <Failure error={test.error} />}
        {test.data !== undefined && !test.isPending && (
          <Notice tone={test.data.isDelivered ? "good" : "bad"}>
            {test.data.isDelivered ? "Test delivered" : "Test failed"}:{" "}
            {test.data.attempt.status ?? "no response"} after {milliseconds(test.data.attempt.durationMs)}.{" "}
            <span className="font-mono text-xs wrap-anywhere">
              {test.data.attempt.answer}
              {test.data.detail !== null && ` (${test.data.detail})`}
            </span>
          </Notice>
        )}
        <Choices webhook={webhook} />
        <DeliveryList appId={appId} webhook={webhook} />
      </div>
    </Panel>
  );
}

function Choices({ webhook: { events, filters, batching, headerNames } }: { readonly webhook: Webhook }) {
  const rules = [
    ...filters.prefix.map((prefix) => `${prefix}*`),
    ...filters.suffix.map((suffix) => `*${suffix}`),
    ...filters.glob,
  ];
  return (
    <dl className="grid gap-x-6 gap-y-3 text-[13px] sm:grid-cols-2 lg:grid-cols-[minmax(0,2fr)_repeat(3,minmax(0,1fr))]">
      <Choice name="Events">
        <Names of={events} />
      </Choice>
      <Choice name="Channels">{rules.length === 0 ? "All" : <Names of={rules} />}</Choice>
      <Choice name="Requests">{batching ? "Batched" : "One event per request"}</Choice>
      <Choice name="Headers">{headerNames.length === 0 ? "None" : <Names of={headerNames} />}</Choice>
    </dl>
  );
}

function Choice({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div className="grid content-start gap-1">
      <dt className="text-xs text-faint">{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Names({ of: names }: { readonly of: readonly string[] }) {
  return (
    <span className="flex flex-wrap gap-1.5">
      {names.map((name) => (
        <Badge key={name}>{name}</Badge>
      ))}
    </span>
  );
}
