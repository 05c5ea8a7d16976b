import { expect, test } from "bun:test";
import { startProtocol } from "../../test/support/protocol-stage.ts";
import { SingleNodeBus } from "../cluster/single-node-bus.ts";
import { activeSecret } from "../core/apps/app.ts";
import { newApp } from "../core/apps/new-app.ts";
import type { ClusterMessage } from "../core/ports/cluster-message.ts";
import { createCloseDistrusted } from "./close-distrusted.ts";

function start() {
  const stage = startProtocol();
  const sent: ClusterMessage[] = [];
  const bus = Object.assign(new SingleNodeBus(), {
    broadcast: (message: ClusterMessage) => void sent.push(message),
  });
  const closeDistrusted = createCloseDistrusted(stage.registry, stage.hub, bus);
  return { stage, sent, closeDistrusted };
}

test("connections of a revoked secret are closed here, and the other nodes receive a message to close theirs", async () => {
  const { stage, sent, closeDistrusted } = start();
  const [member, left, reader] = [stage.connect(), stage.connect(), stage.connect()];
  for (const client of [member, left]) await client.subscribe("private-a");
  await left.unsubscribe("private-a");
  await reader.subscribe("news");
  const secretId = member.connection.subscriptions.get("private-a")?.secretId ?? "";
  closeDistrusted("1", secretId);
  expect(member.socket.closed).toBeNull();
  const { id, key } = stage.app();
  const rotated = newApp({ id, key }, "somebody", 0);
  expect(activeSecret(rotated).id).not.toBe(secretId);
  stage.registry.replace(rotated);
  expect([member, left, reader].map(({ socket }) => socket.closed?.code)).toEqual([
    4200,
    undefined,
    undefined,
  ]);
  expect(sent).toEqual([{ type: "close-distrusted", appId: "1", secretId }]);
});
