/** Signs of life: who answers the server's pings stays, who does not is let go. */
import { expect, test } from "bun:test";
import { useServer } from "../support/use-server.ts";
import { opcodes } from "../support/websocket-frames.ts";

const stage = useServer({ env: { SOKETIFY_HEARTBEAT_INTERVAL_MS: "1000" } });

test("a client that answers WebSocket pings stays, though it never says pusher:pong", async () => {
  const client = await stage.raw();
  for (let n = 0; n < 4; n++) {
    const ping = await client.controlFrames.next("a ping");
    expect(ping.opcode).toBe(opcodes.ping);
  }
  await client.expectNothingMore();
});

test("a client that answers nothing is closed with 4201", async () => {
  const mute = await stage.raw(undefined, { answersPings: false });
  expect((await mute.waitForClose()).code).toBe(4201);
});
