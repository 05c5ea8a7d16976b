import { expect, test } from "bun:test";
import { ActivityFeed, type ActivityOf } from "../activity.ts";
import { WebhookFigures } from "./webhook-figures.ts";

test("each attempt is counted by its result", () => {
  const activity = new ActivityFeed();
  const figures = new WebhookFigures(activity);
  const attempt = (state: ActivityOf<"webhook_attempted">["state"], events: number, attempts: number) =>
    activity.emit<"webhook_attempted">({
      type: "webhook_attempted",
      appId: "1",
      webhookId: "w",
      status: null,
      durationMs: 1,
      state,
      events,
      attempts,
    });
  attempt("delivered", 3, 1);
  attempt("pending", 2, 1);
  attempt("pending", 2, 2);
  attempt("pending", 2, 3);
  attempt("dead", 4, 5);
  expect(figures).toMatchObject({ delivered: 3, failed: 4, retried: 3, dead: 4 });
});
