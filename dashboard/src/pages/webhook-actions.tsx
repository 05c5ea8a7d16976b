import type { WebhookBody } from "../../../server/src/admin-api/webhook-contract.ts";
import { useMay } from "../api/session.ts";
import { useChange } from "../api/use-api.ts";
import { Badge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { Failure } from "../ui/states.tsx";

export function WebhookActions({
  appId,
  webhook,
}: {
  readonly appId: string;
  readonly webhook: WebhookBody;
}) {
  const path = { appId, webhookId: webhook.id };
  const mayChange = useMay("app.change");
  const mayTest = useMay("app.operate");
  const test = useChange("POST /apps/{appId}/webhooks/{webhookId}/test");
  const change = useChange("PATCH /apps/{appId}/webhooks/{webhookId}");
  const remove = useChange("DELETE /apps/{appId}/webhooks/{webhookId}");
  const error = test.error ?? change.error ?? remove.error;
  return (
    <>
      {error !== null && <Failure error={error} />}
      {test.data !== undefined && (
        <span role="status" className="self-center">
          <Badge tone={test.data.isDelivered ? "good" : "bad"}>
            {test.data.attempt.status ?? "No answer"} in {test.data.attempt.durationMs} ms
          </Badge>
        </span>
      )}
      {mayTest && (
        <Button isBusy={test.isPending} onClick={() => test.mutate({ path })}>
          Test
        </Button>
      )}
      {mayChange && (
        <>
          <Button
            isBusy={change.isPending}
            onClick={() => change.mutate({ path, body: { enabled: !webhook.enabled } })}
          >
            {webhook.enabled ? "Switch off" : "Switch on"}
          </Button>
          <Button
            look="danger"
            isBusy={remove.isPending}
            aria-label={`Delete ${webhook.url}`}
            onClick={() => remove.mutate({ path })}
          >
            Delete
          </Button>
        </>
      )}
    </>
  );
}
