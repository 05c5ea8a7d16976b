/** Deliveries of one webhook: request, response, and a button to send again. */
import type { Delivery, WebhookInUse } from "@soketify/admin";
import { useMay } from "../api/session.ts";
import { useChange } from "../api/use-api.ts";
import { useList } from "../api/use-list.ts";
import { Button } from "../ui/button.tsx";
import { ListEnd } from "../ui/list-end.tsx";
import { number, plural } from "../ui/numbers.ts";
import { Failure, Loaded } from "../ui/states.tsx";
import { useUrlText } from "../ui/use-url-text.ts";
import { DeliveryRow } from "./delivery-row.tsx";

const askedEveryMs = 2_000;
const shownAtOnce = 10;
const deliveriesOf = (page: { readonly deliveries: readonly Delivery[] }) => page.deliveries;

type Choice = Delivery["state"] | "all";
const choices: readonly { readonly choice: Choice; readonly words: string }[] = [
  { choice: "all", words: "All" },
  { choice: "pending", words: "Pending" },
  { choice: "dead", words: "Failed" },
  { choice: "delivered", words: "Delivered" },
];

interface DeliveryListProps {
  readonly appId: string;
  readonly webhook: WebhookInUse;
}

export function DeliveryList({ appId, webhook }: DeliveryListProps) {
  const [inUrl, setChoice] = useUrlText(`deliveries-${webhook.id}`, "all");
  const choice = choices.find((one) => one.choice === inUrl)?.choice ?? "all";
  const path = { appId, webhookId: webhook.id };
  const mayReplay = useMay("app.operate");
  const deliveries = useList(
    "GET /apps/{appId}/webhooks/{webhookId}/deliveries",
    { path, query: { limit: shownAtOnce, ...(choice === "all" ? {} : { state: choice }) } },
    deliveriesOf,
    { everyMs: askedEveryMs },
  );
  const replay = useChange("POST /apps/{appId}/webhooks/{webhookId}/deliveries/{deliveryId}/replay");
  return (
    <section aria-label={`Deliveries to ${webhook.url}`} className="-mx-4 -mb-4 border-t border-line">
      <div className="flex flex-wrap items-center justify-between gap-2 px-4 py-3">
        <h3 className="text-[13px] font-semibold">Deliveries</h3>
        <fieldset className="flex flex-wrap gap-1">
          <legend className="sr-only">Filter deliveries</legend>
          {choices.map((one) => (
            <Button
              key={one.choice}
              look={one.choice === choice ? "plain" : "quiet"}
              aria-pressed={one.choice === choice}
              isTight
              onClick={() => setChoice(one.choice)}
            >
              {one.words}
            </Button>
          ))}
        </fieldset>
      </div>
      {replay.error !== null && <Failure error={replay.error} />}
      {mayReplay && <ReplayAll path={path} givenUp={webhook.health.givenUp} />}
      <Loaded of={deliveries.query} rows={2}>
        {() =>
          deliveries.rows.length === 0 ? (
            <p className="border-t border-line px-4 py-6 text-center text-[13px] text-faint">
              {choice === "all" ? "No deliveries yet." : "No deliveries match."}
            </p>
          ) : (
            <>
              <ul className="divide-y divide-line border-t border-line">
                {deliveries.rows.map((delivery) => (
                  <DeliveryRow
                    key={delivery.id}
                    delivery={delivery}
                    url={webhook.url}
                    isBusy={replay.isPending}
                    onReplay={
                      mayReplay ? () => replay.mutate({ path: { ...path, deliveryId: delivery.id } }) : null
                    }
                  />
                ))}
              </ul>
              <ListEnd list={deliveries} noun="delivery" many="deliveries" />
            </>
          )
        }
      </Loaded>
    </section>
  );
}

/** Not offered for one: its row has the same button. */
function ReplayAll({
  path,
  givenUp,
}: {
  readonly path: { readonly appId: string; readonly webhookId: string };
  readonly givenUp: number;
}) {
  const replay = useChange("POST /apps/{appId}/webhooks/{webhookId}/replay");
  return (
    <div className="flex flex-wrap items-center gap-3 px-4 pb-3 text-[13px] empty:hidden">
      {replay.error !== null && <Failure error={replay.error} />}
      {givenUp > 1 && (
        <Button isBusy={replay.isPending} onClick={() => replay.mutate({ path })}>
          Send all {number(givenUp)} failed again
        </Button>
      )}
      {replay.data !== undefined && (
        <span role="status" className="text-soft">
          {plural(replay.data.replayed, "delivery is", "deliveries are")} sent again.
        </span>
      )}
    </div>
  );
}
