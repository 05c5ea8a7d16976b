import { expect, test } from "bun:test";
import { startProtocol } from "../../test/support/protocol-stage.ts";
import type { Activity } from "../core/activity.ts";
import { EngineUnreachable } from "../core/ports/broker.ts";
import { createRefuseMessage } from "./refuse-message.ts";

test("a message that fails because the engine is unreachable is answered with an error and reported", () => {
  const stage = startProtocol();
  const client = stage.connect();
  const reported: Activity[] = [];
  stage.activity.on("message_refused", (activity) => reported.push(activity));
  const refuse = createRefuseMessage(stage.hub, stage.activity, () => {
    throw new Error("this is not a bug");
  });
  refuse(client.connection, new EngineUnreachable("Redis is unreachable"));
  expect(client.socket.closed).toBeNull();
  expect(reported).toMatchObject([
    { type: "message_refused", channel: null, code: null, message: "Redis is unreachable" },
  ]);
});
