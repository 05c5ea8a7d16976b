/** Tries the features that the loads require on another server, so that a missing feature is reported as such. */
import { HttpLine } from "../client/http-line.ts";
import { LightClient, type Listeners } from "../client/light-client.ts";
import { publishRequest } from "../client/publisher.ts";
import { channelCredentials, signedRequest } from "../client/signature.ts";
import { nowMicros, stampedPayload } from "../client/stamp.ts";
import type { Feature, Target } from "./target.ts";

const answerTimeoutMs = 3000;
const channel = "feature";
const payloadBytes = 100;

const checks: Readonly<Record<Feature, (target: Target) => Promise<void>>> = {
  "public channels": async (target) => {
    await withClient(target, {}, (client) => client.subscribe(channel));
  },
  "private channels": async (target) => {
    await withClient(target, {}, (client) => joinAs(target, client, `private-${channel}`));
  },
  "presence channels": async (target) => {
    const name = `presence-${channel}`;
    const added = Promise.withResolvers<void>();
    const removed = Promise.withResolvers<void>();
    const onMessage: Listeners["onMessage"] = ({ event }) => {
      if (event === "pusher_internal:member_added") added.resolve();
      if (event === "pusher_internal:member_removed") removed.resolve();
    };
    await withClient(target, { onMessage }, async (first) => {
      await joinAs(target, first, name, "1");
      await withClient(target, {}, async (second) => {
        await joinAs(target, second, name, "2");
        await added.promise;
        second.unsubscribe(name);
        await removed.promise;
      });
    });
  },
  publishes: (target) => post(target, publishRequest(target, channel, "{}")),
  batches: (target) => {
    const batch = [{ name: "bench", channel, data: "{}" }];
    return post(target, signedRequest(target.app, "POST", "/batch_events", JSON.stringify({ batch })));
  },
  events: async (target) => {
    const received = Promise.withResolvers<void>();
    await withClient(target, { onEvent: () => received.resolve() }, async (client) => {
      await client.subscribe(channel);
      await post(target, publishRequest(target, channel, stampedPayload(payloadBytes, 0, nowMicros())));
      await received.promise;
    });
  },
};

/** Tries each feature once. Returns the reason for each that the server lacks. */
export async function missingFeatures(target: Target): Promise<ReadonlyMap<Feature, string>> {
  const tried = Object.entries(checks).map(async ([feature, check]) => {
    const reason = await inTime(check(target)).catch((error: Error) => error.message);
    return reason === undefined ? [] : [[feature as Feature, reason] as const];
  });
  return new Map((await Promise.all(tried)).flat());
}

async function withClient(
  target: Target,
  listeners: Listeners,
  use: (client: LightClient) => Promise<void>,
): Promise<void> {
  const { host, port, app } = target;
  const client = await LightClient.connect({ host, port, key: app.key }, listeners);
  // Cuts it also when the check has failed by its deadline.
  const timer = setTimeout(() => client.cut(), answerTimeoutMs);
  try {
    await use(client);
  } finally {
    clearTimeout(timer);
    client.cut();
  }
}

async function joinAs(target: Target, client: LightClient, name: string, userId?: string): Promise<void> {
  const member = userId === undefined ? undefined : JSON.stringify({ user_id: userId, user_info: {} });
  await client.subscribe(name, channelCredentials(target.app, await client.socketId, name, member));
}

async function post({ host, port }: Target, request: string): Promise<void> {
  const line = await HttpLine.connect(port, host);
  try {
    const { status, body } = await inTime(line.send(request));
    if (status !== 200) throw new Error(`the server answered with ${status}: ${body.trim().slice(0, 100)}`);
  } finally {
    line.close();
  }
}

function inTime<T>(promise: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new Error(`no answer within ${answerTimeoutMs / 1000} s`)),
    answerTimeoutMs,
  );
  return Promise.race([promise, late.promise]).finally(() => clearTimeout(timer));
}
