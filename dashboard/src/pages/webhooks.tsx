/** Where the app's events are sent, and how that goes. */
import { useState } from "react";
import type { WebhookBody } from "../../../server/src/admin-api/webhook-contract.ts";
import { useMay } from "../api/session.ts";
import { useGet } from "../api/use-api.ts";
import { Badge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Icon } from "../ui/icon.tsx";
import { Page, Panel } from "../ui/page.tsx";
import { Empty, Loaded } from "../ui/states.tsx";
import { DeliveryTable } from "./delivery-table.tsx";
import { WebhookActions } from "./webhook-actions.tsx";
import { WebhookForm } from "./webhook-form.tsx";

export default function WebhooksPage({ appId }: { readonly appId: string }) {
  const [isCreating, setIsCreating] = useState(false);
  const mayChange = useMay("app.change");
  const webhooks = useGet("GET /apps/{appId}/webhooks", { path: { appId } });
  return (
    <Page
      title="Webhooks"
      lead="Requests to your backend when channels, members and clients come and go."
      actions={
        mayChange && (
          <Button look="primary" onClick={() => setIsCreating(true)}>
            <Icon name="plus" /> New webhook
          </Button>
        )
      }
    >
      <Loaded of={webhooks}>
        {(answer) =>
          answer.webhooks.length === 0 ? (
            <Panel>
              <Empty title="There is no webhook yet">
                A webhook tells your backend what happens here, signed with the app's secret.
              </Empty>
            </Panel>
          ) : (
            answer.webhooks.map((webhook) => (
              <WebhookPanel key={webhook.id} appId={appId} webhook={webhook} />
            ))
          )
        }
      </Loaded>
      <Dialog title="New webhook" isOpen={isCreating} onClose={() => setIsCreating(false)}>
        <WebhookForm appId={appId} onDone={() => setIsCreating(false)} />
      </Dialog>
    </Page>
  );
}

function WebhookPanel({ appId, webhook }: { readonly appId: string; readonly webhook: WebhookBody }) {
  const { url, enabled, disabledReason, events, batching, filters } = webhook;
  const rules = [
    ...filters.prefix.map((prefix) => `${prefix}*`),
    ...filters.suffix.map((suffix) => `*${suffix}`),
    ...filters.glob,
  ];
  return (
    <Panel
      title={url}
      lead={`${rules.length === 0 ? "All channels" : `Channels ${rules.join(", ")}`}${batching ? ", in batches" : ""}`}
      actions={<WebhookActions appId={appId} webhook={webhook} />}
      isFlush
    >
      <div className="flex flex-wrap items-center gap-1.5 px-4 py-3">
        {enabled ? <Badge tone="good">On</Badge> : <Badge tone="bad">{disabledReason ?? "Off"}</Badge>}
        {events.map((event) => (
          <Badge key={event}>{event}</Badge>
        ))}
      </div>
      <DeliveryTable appId={appId} webhookId={webhook.id} />
    </Panel>
  );
}
