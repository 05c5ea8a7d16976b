/** The panels with the usage of limits, of an app and of the server. */
import type { AdminError, Answer } from "@soketify/admin";
import type { UseQueryResult } from "@tanstack/react-query";
import { useGet } from "../api/use-api.ts";
import { Panel } from "../ui/page.tsx";
import { Loaded } from "../ui/states.tsx";
import { Unanswered } from "../ui/unanswered.tsx";
import { LimitsTable } from "./limits-table.tsx";

const everyMs = 5_000;
const lead = "Highest share first. For sizes and rates, Used is the highest value of the last two minutes.";

export function AppLimitsPanel({ appId }: { readonly appId: string }) {
  const limits = useGet("GET /apps/{appId}/limits", { path: { appId } }, { everyMs });
  return <LimitsPanel title="Limits" of={limits} />;
}

export function ServerLimitsPanel() {
  const limits = useGet("GET /limits", {}, { everyMs });
  return <LimitsPanel title="Limits of the server" of={limits} />;
}

function LimitsPanel({
  title,
  of,
}: {
  readonly title: string;
  readonly of: UseQueryResult<Answer<"GET /limits">, AdminError>;
}) {
  return (
    <Panel title={title} lead={lead} isFlush>
      <Loaded of={of} rows={6}>
        {(answer) => (
          <>
            <Unanswered nodes={answer.unanswered} />
            <LimitsTable limits={answer.limits} />
          </>
        )}
      </Loaded>
    </Panel>
  );
}
