import type { Webhook } from "@soketify/admin";
import { useState } from "react";
import { useMay } from "../api/session.ts";
import { useChange } from "../api/use-api.ts";
import { Button } from "../ui/button.tsx";
import { Confirmation } from "../ui/confirmation.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Failure } from "../ui/states.tsx";
import { WebhookForm } from "./webhook-form.tsx";

interface WebhookActionsProps {
  readonly appId: string;
  readonly webhook: Webhook;
  readonly isTesting: boolean;
  readonly onTest: () => void;
}

export function WebhookActions({ appId, webhook, isTesting, onTest }: WebhookActionsProps) {
  const [dialog, setDialog] = useState<"edit" | "delete" | null>(null);
  const close = () => setDialog(null);
  const mayChange = useMay("app.change");
  const mayTest = useMay("app.operate");
  const change = useChange("PATCH /apps/{appId}/webhooks/{webhookId}");
  const { enabled, url } = webhook;
  return (
    <>
      {change.error !== null && <Failure error={change.error} />}
      {mayTest && (
        <Button isBusy={isTesting} aria-label={`Test ${url}`} onClick={onTest}>
          Test
        </Button>
      )}
      {mayChange && (
        <>
          <Button aria-label={`Edit ${url}`} onClick={() => setDialog("edit")}>
            Edit
          </Button>
          <Button
            look={enabled ? "plain" : "primary"}
            aria-label={`${enabled ? "Disable" : "Enable"} ${url}`}
            isBusy={change.isPending}
            onClick={() =>
              change.mutate({ path: { appId, webhookId: webhook.id }, body: { enabled: !enabled } })
            }
          >
            {enabled ? "Disable" : "Enable"}
          </Button>
          <Button look="danger" aria-label={`Delete ${url}`} onClick={() => setDialog("delete")}>
            Delete
          </Button>
        </>
      )}
      <Dialog title="Edit the webhook" isOpen={dialog === "edit"} onClose={close}>
        <WebhookForm appId={appId} webhook={webhook} onDone={close} />
      </Dialog>
      <Dialog title="Delete the webhook?" isOpen={dialog === "delete"} onClose={close}>
        <DeleteForm appId={appId} webhook={webhook} onKeep={close} />
      </Dialog>
    </>
  );
}

function DeleteForm({
  appId,
  webhook,
  onKeep,
}: Pick<WebhookActionsProps, "appId" | "webhook"> & { readonly onKeep: () => void }) {
  const remove = useChange("DELETE /apps/{appId}/webhooks/{webhookId}", "others");
  return (
    <Confirmation
      confirmLabel="Delete permanently"
      keep="Cancel"
      change={remove}
      onDo={() => remove.mutate({ path: { appId, webhookId: webhook.id } })}
      onKeep={onKeep}
    >
      <span className="font-mono text-[13px] wrap-anywhere text-ink">{webhook.url}</span> receives no more
      events. All its deliveries are deleted too, including the failed ones.
    </Confirmation>
  );
}
