/** The health of a webhook: a badge, and a notice if an action is needed. */
import type { WebhookInUse } from "@soketify/admin";
import type { ReactNode } from "react";
import { Badge, type Tone } from "../ui/badge.tsx";
import { plural } from "../ui/numbers.ts";
import { When } from "../ui/when.tsx";

interface OfWebhook {
  readonly webhook: WebhookInUse;
}

export function HealthBadge({ webhook }: OfWebhook) {
  const { health, disabledReason } = webhook;
  const [tone, words] = look(health.state, disabledReason !== null);
  return (
    <span className="mt-1 flex flex-wrap items-center gap-x-3 gap-y-1">
      <Badge tone={tone}>{words}</Badge>
      <span>
        {health.lastDeliveredAt === null ? (
          "Never delivered"
        ) : (
          <>
            Last delivered <When at={health.lastDeliveredAt} />
          </>
        )}
      </span>
      {health.waiting > 0 && <span>{plural(health.waiting, "event")} pending</span>}
      {health.givenUp > 0 && <span className="text-bad">{plural(health.givenUp, "event")} failed</span>}
    </span>
  );
}

export function HealthNotice({ webhook }: OfWebhook) {
  const { health, disabledReason } = webhook;
  switch (health.state) {
    case "failing":
      return (
        <Notice tone="warn">
          {failuresOf(health)} and are being retried. <NextTry health={health} />
        </Notice>
      );
    case "paused":
      return (
        <Notice tone="bad">
          {failuresOf(health)}, so Soketify sends only occasional test requests. <NextTry health={health} />{" "}
          Events that wait too long fail. Fix the receiver, then send them again.
        </Notice>
      );
    case "disabled":
      if (disabledReason === null) return null;
      return (
        <Notice tone="bad">
          {disabledReason}, so this webhook was disabled. Fix the receiver, then enable the webhook.
        </Notice>
      );
    default:
      return null;
  }
}

const washes = {
  good: "bg-good-wash text-good",
  warn: "bg-warn-wash text-warn",
  bad: "bg-bad-wash text-bad",
};

export function Notice({
  tone,
  children,
}: {
  readonly tone: keyof typeof washes;
  readonly children: ReactNode;
}) {
  return (
    <p role="status" className={`rounded-md px-3 py-2 text-[13px] ${washes[tone]}`}>
      {children}
    </p>
  );
}

function NextTry({ health: { nextAttemptAt } }: { readonly health: WebhookInUse["health"] }) {
  if (nextAttemptAt === null) return null;
  return (
    <>
      Next attempt <When at={nextAttemptAt} />.
    </>
  );
}

function failuresOf({ failuresInARow }: WebhookInUse["health"]): string {
  if (failuresInARow === null || failuresInARow < 2) return "The latest request failed";
  return `The latest ${failuresInARow} requests failed`;
}

function look(state: WebhookInUse["health"]["state"], hasReason: boolean): [Tone, string] {
  switch (state) {
    case "unused":
      return ["plain", "No deliveries yet"];
    case "well":
      return ["good", "Healthy"];
    case "failing":
      return ["warn", "Failing"];
    case "paused":
      return ["bad", "Paused"];
    case "disabled":
      return [hasReason ? "bad" : "plain", "Disabled"];
    default:
      throw state satisfies never;
  }
}
