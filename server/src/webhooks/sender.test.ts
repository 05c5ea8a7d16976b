import { expect, test } from "bun:test";
import { appRecord, secretOf } from "../../test/support/app-record.ts";
import { statusAnswer, useWebhooks, type WebhooksUnderTest } from "../../test/support/use-webhooks.ts";

let stage: WebhooksUnderTest;
useWebhooks((fresh) => {
  stage = fresh;
});

const pendingSecret = "the pending secret";

test("during a rotation the active secret signs first, then the pending one if the request was not accepted", async () => {
  stage.registry.replace(
    appRecord("1", [secretOf("active", "the active secret"), secretOf("pending", pendingSecret)]),
  );
  const receiver = await stage.start(
    {},
    { secret: pendingSecret, answer: (one) => statusAnswer(one.isPusherValid ? 200 : 401) },
  );
  stage.activity.emit({ type: "channel_occupied", revision: 1, appId: "1", channel: "room" });
  await stage.arrive(receiver, 1);
  expect(receiver.requests.map(({ isPusherValid }) => isPusherValid)).toEqual([false, true]);
  expect(receiver.requests.every(({ isStandardValid }) => isStandardValid)).toBe(true);
  expect(receiver.requests[0]?.headers["webhook-signature"]?.split(" ")).toHaveLength(2);
});

test("during a rotation a receiver with the old secret accepts each message once", async () => {
  stage.registry.replace(
    appRecord("1", [secretOf("active", "the active secret"), secretOf("pending", pendingSecret)]),
  );
  const receiver = await stage.start();
  stage.activity.emit({ type: "channel_occupied", revision: 1, appId: "1", channel: "room" });
  await stage.arrive(receiver, 1);
  await stage.clockPasses(10_000);
  expect(receiver.requests).toHaveLength(1);
});
