/** Deliveries of one webhook: what was sent, what came back, and once more. */
import type { DeliveryBody } from "../../../server/src/admin-api/webhook-contract.ts";
import { useMay } from "../api/session.ts";
import { useChange, useGet } from "../api/use-api.ts";
import { Badge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { Failure, Loaded } from "../ui/states.tsx";
import { Cell, Table } from "../ui/table.tsx";
import { When } from "../ui/when.tsx";

const askedEveryMs = 2_000;
const tones = { pending: "warn", delivered: "good", dead: "bad" } as const;
const words = { pending: "On its way", delivered: "Delivered", dead: "Given up" } as const;

interface DeliveryTableProps {
  readonly appId: string;
  readonly webhookId: string;
}

export function DeliveryTable({ appId, webhookId }: DeliveryTableProps) {
  const path = { appId, webhookId };
  const mayReplay = useMay("app.operate");
  const page = useGet(
    "GET /apps/{appId}/webhooks/{webhookId}/deliveries",
    { path, query: { limit: 20 } },
    { everyMs: askedEveryMs },
  );
  const replay = useChange("POST /apps/{appId}/webhooks/{webhookId}/deliveries/{deliveryId}/replay");
  return (
    <div className="border-t border-line">
      {replay.error !== null && <Failure error={replay.error} />}
      <Loaded of={page} rows={2}>
        {({ deliveries }) =>
          deliveries.length === 0 ? (
            <p className="px-4 py-3 text-[13px] text-faint">Nothing was sent yet.</p>
          ) : (
            <Table label="Deliveries" columns={["State", "Made", "Request", "Answer", "Attempts", ""]}>
              {deliveries.map((delivery) => (
                <DeliveryRow
                  key={delivery.id}
                  delivery={delivery}
                  onReplay={
                    mayReplay ? () => replay.mutate({ path: { ...path, deliveryId: delivery.id } }) : null
                  }
                />
              ))}
            </Table>
          )
        }
      </Loaded>
    </div>
  );
}

function DeliveryRow({
  delivery,
  onReplay,
}: {
  readonly delivery: DeliveryBody;
  readonly onReplay: (() => void) | null;
}) {
  const { state, createdAt, nextAttemptAt, lastAttempt, attempts, event, requestId } = delivery;
  return (
    <tr className="align-top">
      <Cell>
        <Badge tone={tones[state]}>{words[state]}</Badge>
      </Cell>
      <Cell className="whitespace-nowrap">
        <When at={createdAt} />
      </Cell>
      <Cell className="max-w-80">
        <details>
          <summary className="truncate font-mono text-xs">{JSON.stringify(event)}</summary>
          <pre className="mt-1 font-mono text-xs break-all whitespace-pre-wrap">
            webhook-id: {requestId}
            {"\n"}
            {JSON.stringify(event, null, 2)}
          </pre>
        </details>
      </Cell>
      <Cell className="max-w-64">
        {lastAttempt === null ? (
          <span className="text-faint">none yet</span>
        ) : (
          <span title={lastAttempt.answer} className="line-clamp-2">
            {lastAttempt.status ?? "No answer"} in {lastAttempt.durationMs} ms {lastAttempt.answer}
          </span>
        )}
      </Cell>
      <Cell className="whitespace-nowrap tabular-nums">
        {attempts}
        {nextAttemptAt !== null && (
          <span className="text-faint">
            , next <When at={nextAttemptAt} />
          </span>
        )}
      </Cell>
      <Cell className="text-right">
        {onReplay !== null && state !== "pending" && <Button onClick={onReplay}>Send again</Button>}
      </Cell>
    </tr>
  );
}
