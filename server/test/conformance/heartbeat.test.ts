/** A client that answers the server's pings stays connected, and one that does not is closed. */
import { expect, test } from "bun:test";
import type { TimelineAnswer } from "../../src/admin-api/contracts/history.ts";
import type { RawClient } from "../support/net/raw-client.ts";
import { opcodes } from "../support/net/websocket-frames.ts";
import { until } from "../support/until.ts";
import { useServer } from "../support/use-server.ts";

const stage = useServer({ env: { SOKETIFY_HEARTBEAT_INTERVAL_MS: "2000" } });

async function timelineOf({ socketId }: RawClient): Promise<TimelineAnswer["timeline"]> {
  const path = `/apps/${stage.server.app.id}/connections/${socketId}/timeline`;
  return ((await stage.server.admin("GET", path)) as TimelineAnswer).timeline;
}

test("a client that answers WebSocket pings stays connected without pusher:pong", async () => {
  const client = await stage.webSocket();
  for (let n = 0; n < 4; n++) {
    const ping = await client.controlFrames.next("a ping");
    expect(ping.opcode).toBe(opcodes.ping);
  }
  await client.expectNothingMore();
});

test("a client that answers nothing is closed with 4201", async () => {
  const mute = await stage.webSocket(undefined, { answersPings: false });
  expect((await mute.waitForClose()).code).toBe(4201);
});

test("the timeline contains the last ping and whether it was answered, then the missing answer", async () => {
  const answering = await stage.webSocket();
  await until(
    "the timeline to show the answer",
    async () => (await timelineOf(answering)).lastPing?.isAnswered === true,
  );
  const mute = await stage.webSocket(undefined, { answersPings: false });
  await until(
    "the timeline to show the ping",
    async () => (await timelineOf(mute)).lastPing?.isAnswered === false,
  );
  const closed = await until("the timeline to show the close", async () => (await timelineOf(mute)).closed);
  expect(closed).toMatchObject({ code: 4201, reason: "Pong reply not received in time" });
  expect((await timelineOf(answering)).closed).toBeNull();
});
