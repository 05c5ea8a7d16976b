import { expect, test } from "bun:test";
import { FakeSessionPeers } from "../../test/support/fakes/session-peers.ts";
import {
  eventsOf,
  type HttpClient,
  messageBytesMax,
  openHttpDoor,
  publishTo,
  settled,
  subscribe,
} from "../../test/support/http-door-stage.ts";
import { credentials } from "../../test/support/protocol-stage.ts";

const session = `${credentials.key}/7/abcdefgh`;
const ended = 'c[4200,"The session has ended: please reconnect"]';

/** The same client at two nodes. Its session is at the first, where it is subscribed. */
async function openTwo({ unsentBytesMax = 1_000_000 } = {}) {
  const peers = new FakeSessionPeers();
  const holder = openHttpDoor({ peers: peers.of("holder") });
  const other = openHttpDoor({ peers: peers.of("other"), unsentBytesMax });
  const [here, there] = [holder.client(), other.client()];
  await here.poll();
  await here.send(subscribe("news"));
  await here.poll();
  return { peers, holder, other, here, there };
}

async function allLines(client: HttpClient, reader = client.reader): Promise<string[]> {
  const texts: string[] = [];
  for (;;) {
    const chunk = await reader?.read();
    if (chunk?.value === undefined) return texts.join("").split("\n").filter(Boolean);
    texts.push(Buffer.from(chunk.value).toString("latin1"));
  }
}

const dataOf = (lines: readonly string[]) =>
  lines.filter((line) => line.startsWith("a")).flatMap((line) => eventsOf(line).map(({ data }) => data));

test("a client polls, streams and sends at any node, and its session stays where it was opened", async () => {
  const { holder, other, here, there } = await openTwo();
  await publishTo(holder, "1");
  expect(dataOf(await there.poll())).toEqual(["1"]);
  await there.ask("xhr_streaming");
  for (const data of ["2", "3"]) {
    const lines = there.lines();
    await settled();
    await publishTo(holder, data);
    expect(dataOf((await lines) ?? [])).toEqual([data]);
  }
  expect((await there.send(subscribe("more"))).status).toBe(204);
  expect(eventsOf((await there.lines())?.[0])).toMatchObject([{ channel: "more" }]);
  await publishTo(holder, "4");
  expect(dataOf(await here.poll())).toEqual(["4"]);
  expect([holder.hub.connectionCount, other.hub.connectionCount]).toEqual([1, 0]);
  expect([...holder.bugs, ...other.bugs]).toEqual([]);
});

test("an answer of many parts arrives whole, also if its characters have several bytes", async () => {
  const { holder, there } = await openTwo();
  const data = "é€".repeat(40_000);
  await publishTo(holder, data);
  await there.ask("xhr");
  const [line] = await allLines(there);
  expect(dataOf([Buffer.from(line ?? "", "latin1").toString("utf8")])).toEqual([data]);
});

test("a forwarded request looks up its node once, and asks for each 64 KiB, or every five seconds if there is nothing", async () => {
  const { peers, holder, there } = await openTwo();
  await publishTo(holder, "x".repeat(3 * 65_536 - 1_000));
  const costs = () => {
    const { lookups, asked } = peers;
    peers.lookups = 0;
    return { lookups, asked: asked.splice(0) };
  };
  const frames = "session-frames";
  costs();
  await there.ask("xhr");
  await allLines(there);
  expect(costs()).toEqual({ lookups: 1, asked: [frames, frames, frames] });

  await there.ask("xhr_streaming");
  const lines = there.lines();
  await settled();
  expect(costs()).toEqual({ lookups: 1, asked: [frames] });
  for (const asked of [[frames], [frames]]) {
    holder.clock.advance(4_999);
    await settled();
    expect(peers.asked).toEqual([]);
    holder.clock.advance(1);
    await settled();
    expect(costs()).toEqual({ lookups: 0, asked });
  }
  await publishTo(holder, "1");
  expect(dataOf((await lines) ?? [])).toEqual(["1"]);
});

test("a part whose answer is lost is sent again, and messages are not", async () => {
  const { peers, holder, other, there } = await openTwo();
  await publishTo(holder, "1");
  peers.answersToLose = 1;
  const poll = there.poll();
  await settled();
  other.clock.advance(1_000);
  expect(dataOf(await poll)).toEqual(["1"]);
  await publishTo(holder, "2");
  expect(dataOf(await there.poll())).toEqual(["2"]);

  peers.answersToLose = 1;
  expect((await there.send(subscribe("more"))).status).toBe(503);
  expect(eventsOf((await there.poll())[0])).toMatchObject([{ channel: "more" }]);
});

test("of two polls at two nodes the later one carries the frames", async () => {
  const { holder, here, there } = await openTwo();
  await there.ask("xhr");
  const earlier = allLines(there);
  await settled();
  await here.ask("xhr");
  expect(await earlier).toEqual(['c[2010,"Another connection still open"]']);
  await publishTo(holder, "1");
  expect(dataOf(await allLines(here))).toEqual(["1"]);

  await here.ask("xhr");
  const local = allLines(here);
  await there.ask("xhr");
  const remote = allLines(there);
  expect(await local).toEqual(['c[2010,"Another connection still open"]']);
  await publishTo(holder, "2");
  expect(dataOf(await remote)).toEqual(["2"]);
});

test("frames for a client that has closed its answer wait for its next one", async () => {
  const { holder, here, there } = await openTwo();
  await there.ask("xhr_streaming");
  const lines = there.lines();
  await settled();
  await publishTo(holder, "1");
  expect(dataOf((await lines) ?? [])).toEqual(["1"]);
  await there.leave();
  await settled();
  await publishTo(holder, "2");
  expect(dataOf(await here.poll())).toEqual(["2"]);
});

test("a session that has ended refuses messages at every node, and its client is asked to reconnect", async () => {
  const { peers, holder, there } = await openTwo();
  const [connection] = holder.hub.connections(credentials.id);
  connection?.close(4200, "please reconnect");
  expect((await there.send(subscribe("more"))).status).toBe(404);
  expect((await there.poll()).at(-1)).toBe('c[4200,"please reconnect"]');
  expect(peers.holders.size).toBe(0);
  expect((await there.send(subscribe("more"))).status).toBe(404);
  peers.holders.set(session, "holder");
  expect(await there.poll()).toEqual([ended]);
});

test("a page of another origin cannot use a session through another node", async () => {
  const { other } = await openTwo();
  const stranger = { headers: { origin: "https://stranger.example" } };
  const send = await other.request(`${session}/xhr_send`, { ...stranger, body: "[]" });
  expect(send.status).toBe(404);
  const poll = await other.request(`${session}/xhr?protocol=7`, stranger);
  expect(await poll.text()).toBe(`${ended}\n`);
});

test("the client of a node that died is asked to reconnect", async () => {
  const { peers, other, there } = await openTwo();
  await there.ask("xhr_streaming");
  const lines = allLines(there);
  await settled();
  peers.dead.add("holder");
  await there.ask("xhr_streaming");
  const next = allLines(there);
  for (let attempt = 1; attempt < 3; attempt++) {
    await settled();
    other.clock.advance(1_000);
  }
  expect(await next).toEqual([ended]);
  expect((await there.send(subscribe("more"))).status).toBe(503);
  void lines;
});

test("a session whose answer was at a node that died ends as a lost connection", async () => {
  const { peers, holder, there } = await openTwo();
  await there.ask("xhr_streaming");
  void allLines(there);
  await settled();
  for (let part = 0; part < 6; part++) {
    holder.tick(5);
    await settled();
  }
  expect(holder.hub.connectionCount).toBe(1);
  peers.dead.add("other");
  // Until then up to twelve seconds pass, in which its lease ends.
  holder.tick(4);
  await settled();
  holder.tick(3);
  expect(holder.hub.connectionCount).toBe(0);
});

test("a node that stops ends its answers, and their clients continue elsewhere without a loss", async () => {
  const { holder, other, here, there } = await openTwo();
  await there.ask("xhr_streaming");
  const lines = allLines(there);
  await settled();
  await publishTo(holder, "1");
  await settled();
  other.door.endForwarded();
  await publishTo(holder, "2");
  const first = dataOf(await lines);
  holder.tick(9);
  expect([...first, ...dataOf(await here.poll())]).toEqual(["1", "2"]);
  expect(holder.hub.connectionCount).toBe(1);
});

test("a client that leaves its answer at another node is gone two seconds later", async () => {
  const { holder, there } = await openTwo();
  await there.ask("xhr_streaming");
  void there.lines();
  await settled();
  await there.leave();
  await settled();
  holder.tick(1);
  expect(holder.hub.connectionCount).toBe(1);
  holder.tick(1);
  expect(holder.hub.connectionCount).toBe(0);
});

test("slow and long bodies are refused by the node that gets them, and a long one closes the session", async () => {
  const { other, there, here } = await openTwo();
  const slow = there.post(new ReadableStream<Uint8Array>());
  await settled();
  other.clock.advance(10_000);
  expect((await slow).status).toBe(408);
  expect((await there.post("{")).status).toBe(400);
  await there.post(JSON.stringify(["x".repeat(messageBytesMax * 3)]));
  expect((await here.poll()).at(-1)).toStartWith("c[1009,");
  expect(other.bodies.inAll).toBe(0);
});

test("unread bytes count at the node that carries them, and it breaks an answer beyond its limit", async () => {
  const { holder, other, there } = await openTwo({ unsentBytesMax: 20_000 });
  await publishTo(holder, "x".repeat(10_000));
  await there.ask("xhr_streaming");
  expect(dataOf((await there.lines()) ?? [])).toHaveLength(1);
  expect(other.unsent.inAll).toBeGreaterThan(10_000);
  await publishTo(holder, "x".repeat(30_000));
  await expect(there.lines()).rejects.toThrow("too many bytes");
  await settled();
  expect(other.unsent.inAll).toBe(0);
});

test("while the engine is unreachable sessions open where they land, and messages to others must be repeated", async () => {
  const { peers, other, there } = await openTwo();
  peers.isEngineUnreachable = true;
  expect((await there.send(subscribe("more"))).status).toBe(503);
  expect((await other.client("ijklmnop").poll())[0]).toBe("o");
  peers.isEngineUnreachable = false;
  expect(peers.holders.has(`${credentials.key}/7/ijklmnop`)).toBe(false);
  // The client polls all this time.
  for (let minute = 0; minute < 8; minute++) {
    await other.client("ijklmnop").ask("xhr");
    other.tick(9);
  }
  expect(peers.holders.get(`${credentials.key}/7/ijklmnop`)).toBe("other");
});

test("an unknown key causes no question to other nodes, and a refused client claims no session", async () => {
  const { peers, other } = await openTwo();
  const count = peers.holders.size;
  expect((await other.request("unknown/7/abcdefgh/xhr_send", { body: "[]" })).status).toBe(404);
  await other.request(`${credentials.key}/7/ijklmnop/xhr?protocol=9`);
  expect(peers.holders.size).toBe(count);
  expect(peers.asked).toEqual([]);
});
