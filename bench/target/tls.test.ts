/** The clients of the benchmark over TLS: publisher, light client and the receivers in C. */
import { expect, setDefaultTimeout, test } from "bun:test";
import { LightClient } from "../client/light-client.ts";
import { Publisher } from "../client/publisher.ts";
import { channelCredentials } from "../client/signature.ts";
import { SubscriberProcess } from "../client/subscriber-process.ts";
import { withTargets } from "./target.ts";
import { startNginxWithTls, startSoketifyWithTls } from "./tls.ts";

setDefaultTimeout(120_000);

const load = { eventsPerSecond: 100, seconds: 0.1, payloadBytes: 100, channelOf: () => "bench" };

test("each event reaches each client, with TLS in the process and in nginx", async () => {
  await withTargets([startSoketifyWithTls, startNginxWithTls], async (targets) => {
    for (const target of targets) {
      const subscribers = await SubscriberProcess.start(target, 3, ["bench"]);
      const publisher = await Publisher.connect(target, 2);
      let accepted = 0;
      // On a busy machine an event may not be sent in time, and then it is not sent at all.
      while (accepted < 10) accepted += (await publisher.publish(load)).accepted;
      await subscribers.untilDelivered(3 * accepted, 3000);
      const { deliveries, duplicates, incomplete } = await subscribers.report(publisher.sequence);
      expect([deliveries, duplicates, incomplete]).toEqual([3 * accepted, 0, 0]);
      publisher.close();
      await subscribers.stop();

      const { host, port, app } = target;
      const client = await LightClient.connect({ host, port, key: app.key, isTls: true }, {});
      await client.subscribe("private-a", channelCredentials(app, await client.socketId, "private-a"));
      client.cut();
    }
  });
});
