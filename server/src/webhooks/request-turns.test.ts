import { expect, test } from "bun:test";
import { until } from "../../test/support/until.ts";
import { statusAnswer, useWebhooks, type WebhooksUnderTest } from "../../test/support/use-webhooks.ts";
import type { WebhookReceiver } from "../../test/support/webhook-receiver.ts";
import { RequestTurns } from "./request-turns.ts";

const appMax = 3;

/** A webhook with this number of requests to send, which records when each begins. */
function sender(name: string, appId: string, requests: number, begun: string[]) {
  let left = requests;
  return {
    appId,
    beginRequest() {
      if (left === 0) return false;
      left -= 1;
      begun.push(name);
      return true;
    },
  };
}

test("no app exceeds its limit of concurrent requests, and the next one begins when one ends", () => {
  const begun: string[] = [];
  const turns = new RequestTurns({ requestsMax: 100, requestsMaxOf: () => appMax });
  turns.ask(sender("a", "1", 10, begun));
  turns.ask(sender("b", "1", 10, begun));
  expect(begun).toEqual(["a", "a", "a"]);
  turns.end("1");
  turns.end("1");
  expect(begun).toEqual(["a", "a", "a", "a", "b"]);
  turns.ask(sender("c", "2", 1, begun));
  expect(begun.at(-1)).toBe("c");
});

test("the use of an app is its current and its highest number of requests, until it has no webhooks", () => {
  const turns = new RequestTurns({ requestsMax: 100, requestsMaxOf: () => appMax });
  expect(turns.useOf("1")).toBeNull();
  turns.ask(sender("a", "1", 2, []));
  turns.end("1");
  expect(turns.useOf("1")).toEqual({ used: 1, max: appMax, peak: 2 });
  turns.keepOnly((appId) => appId === "1");
  expect(turns.useOf("1")?.peak).toBe(2);
  turns.keepOnly(() => false);
  expect(turns.useOf("1")).toBeNull();
});

test("if the limit is reached, apps take turns, and so do the webhooks of an app", () => {
  const begun: string[] = [];
  const turns = new RequestTurns({ requestsMax: 2, requestsMaxOf: () => 2 });
  turns.ask(sender("1a", "1", 99, begun));
  turns.ask(sender("1b", "1", 99, begun));
  turns.ask(sender("2a", "2", 99, begun));
  turns.ask(sender("3a", "3", 99, begun));
  for (let ended = 0; ended < 8; ended += 1) turns.end(begun[ended]?.slice(0, 1) ?? "");
  expect(begun.slice(2)).toEqual(["1a", "2a", "3a", "1b", "2a", "3a", "1a", "2a"]);
});

test("a webhook with nothing to send takes no turn", () => {
  const begun: string[] = [];
  const turns = new RequestTurns({ requestsMax: 1, requestsMaxOf: () => 1 });
  turns.ask(sender("1", "1", 1, begun));
  turns.ask(sender("idle", "2", 0, begun));
  turns.ask(sender("3", "3", 1, begun));
  turns.end("1");
  expect(begun).toEqual(["1", "3"]);
});

let stage: WebhooksUnderTest;
useWebhooks((fresh) => {
  stage = fresh;
});

test("40 unresponsive receivers of one app delay no event of another app", async () => {
  const gate = Promise.withResolvers<void>();
  const answer = async () => {
    await gate.promise;
    return statusAnswer(200);
  };
  await stage.startWebhooks({ requestsMax: 60, requestsPerAppMax: 50 });
  const slow: WebhookReceiver[] = [];
  for (let number = 0; number < 40; number += 1) slow.push(await stage.addReceiver({}, { answer }));
  const other = await stage.addReceiver({ appId: "2" });
  for (let number = 0; number < 5; number += 1)
    stage.activity.emit({ type: "channel_occupied", revision: 1, appId: "1", channel: `c${number}` });
  const underWay = () => slow.reduce((sum, { requests }) => sum + requests.length, 0);
  await stage.passUntil(
    "the app's requests",
    until("50 requests", () => underWay() === 50),
  );
  stage.activity.emit({ type: "channel_occupied", revision: 1, appId: "2", channel: "room" });
  await stage.arrive(other, 1);
  expect(underWay()).toBe(50);
  gate.resolve();
  await stage.passUntil(
    "all the others",
    until("200 requests", () => underWay() === 200),
  );
});

test("an app's settings can lower its limit of concurrent requests", async () => {
  const gate = Promise.withResolvers<void>();
  let underWay = 0;
  let underWayMax = 0;
  const answer = async () => {
    underWayMax = Math.max(underWayMax, ++underWay);
    await gate.promise;
    underWay -= 1;
    return statusAnswer(200);
  };
  stage.changeSettings("1", { webhookRequestsMax: 2 });
  const receiver = await stage.start({}, { answer });
  for (let number = 0; number < 6; number += 1)
    stage.activity.emit({ type: "channel_occupied", revision: 1, appId: "1", channel: `c${number}` });
  await stage.passUntil(
    "two requests",
    until("two requests", () => underWay === 2),
  );
  gate.resolve();
  await stage.arrive(receiver, 6);
  expect(underWayMax).toBe(2);
});
