/** Allows webhooks to services of the server's own computer. Shown only where they can be allowed. */
import { useMay } from "../api/session.ts";
import { useChange, useGet } from "../api/use-api.ts";
import { Button } from "../ui/button.tsx";
import { Failure } from "../ui/states.tsx";

export function LocalhostWebhooks() {
  const { data } = useGet("GET /localhost-webhooks", {});
  const change = useChange("PATCH /localhost-webhooks");
  const mayChange = useMay("server.change");
  if (data === undefined || data.problem !== null) return null;
  const { isAllowed } = data;
  return (
    <section aria-label="Localhost" className="grid justify-items-start gap-2 text-[13px]">
      <p className="max-w-prose text-soft">
        {isAllowed
          ? "Webhooks to localhost are allowed: everyone who may create a webhook can send requests to services of this computer."
          : "This server listens only on this computer. To try webhooks here, webhooks to localhost can be allowed. Everyone who may create a webhook can then send requests to services of this computer."}
      </p>
      {mayChange && (
        <Button isBusy={change.isPending} onClick={() => change.mutate({ body: { isAllowed: !isAllowed } })}>
          {isAllowed ? "Forbid webhooks to localhost" : "Allow webhooks to localhost"}
        </Button>
      )}
      {change.error !== null && <Failure error={change.error} />}
    </section>
  );
}
