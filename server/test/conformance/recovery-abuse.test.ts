/** Too many recoveries or rules at a time get an error, and no partial recovery. */
import { beforeAll, expect, test } from "bun:test";
import { RawClient } from "../support/net/raw-client.ts";
import { encodeFrame, opcodes } from "../support/net/websocket-frames.ts";
import { useServer } from "../support/use-server.ts";

const stage = useServer({ isShared: true });
const names = Array.from({ length: 1_000 }, (_, index) => `kept-${index}`);
const namesPerEvent = 100;

interface Notice {
  readonly epoch: string;
  readonly offset: number;
}

interface Answer {
  readonly notice: unknown;
  readonly events: readonly string[];
}

function setRules(count: number): Promise<unknown> {
  const channelRules = Array.from({ length: count }, (_, index) => ({
    pattern: index === count - 1 ? "kept-*" : `${"*a".repeat(90)}${index}`,
    historyEventsMax: 10,
  }));
  const path = `/apps/${stage.server.app.id}`;
  return stage.server.admin("PATCH", path, { settings: { channelRules } });
}

/** Subscribes to all channels in one write. Returns the answer and the replayed events of each. */
async function enterAll(
  client: RawClient,
  recoverIn: (name: string) => object | undefined,
): Promise<Map<string, Answer>> {
  const frames = names.map((channel) => {
    const data = { channel, recover: recoverIn(channel) };
    return encodeFrame(opcodes.text, JSON.stringify({ event: "pusher:subscribe", data }));
  });
  client.sendBytes(Buffer.concat(frames));
  client.send({ event: "pusher:ping", data: {} });
  const answers = new Map<string, Answer>();
  for (;;) {
    const { event, channel = "", data } = await client.next();
    if (event === "pusher:pong") return answers;
    const { notice = null, events = [] } = answers.get(channel) ?? {};
    if (event === "pusher_internal:subscription_succeeded")
      answers.set(channel, { notice: JSON.parse(String(data)), events });
    else if (event === "counted") answers.set(channel, { notice, events: [...events, String(data)] });
    else throw new Error(`Nobody asked for ${event}: ${String(data)}`);
  }
}

beforeAll(() => setRules(100));

test("each of a thousand recoveries in one write is answered completely", async () => {
  const before = await stage.webSocket();
  const positions = await enterAll(before, () => undefined);
  expect(positions.size).toBe(names.length);
  const backend = stage.backend();
  for (const data of ["1", "2"])
    for (let start = 0; start < names.length; start += namesPerEvent)
      await backend.trigger(names.slice(start, start + namesPerEvent), "counted", data);
  const again = await enterAll(await stage.webSocket(), (name) => ({
    ...(positions.get(name)?.notice as Notice),
    socket_id: before.socketId,
  }));
  expect(again.size).toBe(names.length);
  for (const { notice, events } of again.values()) {
    expect(notice).toMatchObject({ recovered: true, replayed: 2 });
    expect(events).toEqual(["1", "2"]);
  }
});

test("each of a thousand forged positions is refused, and nothing is replayed", async () => {
  const answers = await enterAll(await stage.webSocket(), () => ({
    epoch: "made up",
    offset: 0,
    socket_id: "1.1",
  }));
  expect(answers.size).toBe(names.length);
  for (const { notice, events } of answers.values()) {
    expect(notice).toMatchObject({ recovered: false, reason: "unknown_epoch" });
    expect(events).toEqual([]);
  }
});

test("a position of another app is invalid", async () => {
  const { epoch, offset } = (await (await stage.webSocket()).subscribe("kept-0")) as Notice;
  const other = await stage.server.createApp("another");
  const channelRules = [{ pattern: "kept-*", historyEventsMax: 10 }];
  await stage.server.admin("PATCH", `/apps/${other.id}`, { settings: { channelRules } });
  using stranger = await RawClient.connect(stage.server.webSocketUrl(undefined, other.key));
  expect(await stranger.subscribe("kept-0", { recover: { epoch, offset, socket_id: "1.1" } })).toMatchObject({
    recovered: false,
    reason: "unknown_epoch",
  });
});

test("a thousand rules are refused with an error", async () => {
  await expect(setRules(1_000)).rejects.toThrow("must be at most 100 rules");
});
