/** Reads the states of all webhooks of the server with one question to the nodes and two queries. */
import type { WebhookControl } from "../../core/ports/webhook-control.ts";
import type { WebhookHistory } from "../../core/ports/webhook-history.ts";
import type { WebhookStore } from "../../core/ports/webhook-store.ts";
import type { Webhook } from "../../core/webhooks/webhook.ts";
import type { AllNodes } from "../../management/all-nodes.ts";
import type { WebhookCondition } from "../contracts/board.ts";

export interface WebhookWithCondition {
  readonly webhook: Webhook;
  readonly condition: WebhookCondition;
}

export type ReadWebhookStates = () => Promise<readonly WebhookWithCondition[]>;

export function createReadWebhookStates(
  webhooks: Pick<WebhookStore, "list">,
  history: Pick<WebhookHistory, "givenUp">,
  control: Pick<WebhookControl, "circuit">,
  allNodes: AllNodes,
): ReadWebhookStates {
  // Only the delivering node has the failure counts.
  const inTrouble = allNodes.question("webhooks in trouble", async () =>
    (await webhooks.list()).flatMap(({ id }) => {
      const circuit = control.circuit(id);
      if (circuit === null || (circuit.failuresInARow === 0 && !circuit.isPaused)) return [];
      return [{ id, isPaused: circuit.isPaused }];
    }),
  );

  return async function readWebhookStates() {
    const [all, givenUp, { parts }] = await Promise.all([webhooks.list(), history.givenUp(), inTrouble({})]);
    const trouble = new Map(parts.flatMap(({ answer }) => answer).map(({ id, isPaused }) => [id, isPaused]));
    const conditionOf = ({ id, isEnabled, disabledReason }: Webhook): WebhookCondition => {
      if (disabledReason !== null) return "disabled";
      if (!isEnabled) return "off";
      const isPaused = trouble.get(id);
      if (isPaused !== undefined) return isPaused ? "paused" : "failing";
      return givenUp.has(id) ? "givenUp" : "ok";
    };
    return all.map((webhook) => ({ webhook, condition: conditionOf(webhook) }));
  };
}
